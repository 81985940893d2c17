// Package pgbouncertest puts a real PgBouncer between tests and their databases.
//
// Start never skips. It runs the installed program as an unprivileged user, with
// the operators' configuration in deploy/pgbouncer except for addresses, names
// and sizes. PgBouncer ends with the test or the test's process, even if that is
// killed.
package pgbouncertest
