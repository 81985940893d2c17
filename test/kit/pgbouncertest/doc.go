// Package pgbouncertest puts a real PgBouncer between tests and their databases.
//
// Start never skips. It runs the installed program as an unprivileged user, with
// the configuration that deploy/pgbouncer gives operators but for addresses,
// names and sizes. It ends with the test, or with the test's process, however
// that ends.
package pgbouncertest
