// Package badinput holds no code but tests: they send bad input to the real
// program, once on SQLite and once on PostgreSQL, each row by the B number of
// the requirement it proves. A fuzzer driven by the service's own OpenAPI
// document comes last.
//
// Every answer, also one read from a bare connection, is held against what all
// answers have in common, and must repeat no secret of its request. Nothing that
// was refused may have left a trace in the database or sent a mail, and after
// every row an ordinary request must be served.
//
// Public collections of hostile input come from npm packages, pinned in corpora.
package badinput
