// Package e2e holds only tests: they build the real program, run it as users do,
// and talk to it over HTTP. The same scenarios run on three set-ups: the program
// without configuration, two replicas on one PostgreSQL with a real mail server,
// and the in-memory service of test/authtest.
//
// Every answer is compared with the OpenAPI document and with the form of all
// answers.
package e2e
