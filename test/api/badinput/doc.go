// Package badinput holds only tests: they send bad input to the real program,
// once on SQLite and once on PostgreSQL. Each row has the B number of the
// requirement that it proves. A fuzzer driven by the service's own OpenAPI
// document comes last.
//
// Every answer, even one read from a bare connection, is compared with the form
// of all answers, and must not repeat a secret of its request. A refused request
// must leave no trace in the database and send no mail, and after every row an
// ordinary request must be served.
//
// Public collections of hostile input come from npm packages, pinned in corpora.
package badinput
