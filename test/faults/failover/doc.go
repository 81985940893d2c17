// Package failover proves that the program follows the primary of a replicated
// PostgreSQL by itself, as docs/postgresql.md promises: with the real program,
// real servers, and a broken connection between them.
package failover
