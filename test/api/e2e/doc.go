// Package e2e holds no code but tests: they build the real program, run it as
// its users do, and talk to it over HTTP. One set of scenarios runs on three
// set-ups: the program with nothing configured, two replicas of it on one
// PostgreSQL with a real mail server, and the in-memory service of test/authtest.
//
// Every answer that a test sees is held against the OpenAPI document and against
// what all answers have in common.
package e2e
