// Package failover proves that the program follows the primary of a replicated
// PostgreSQL by itself, as docs/postgresql.md promises: the real program, real
// servers, and a cut between them.
package failover
