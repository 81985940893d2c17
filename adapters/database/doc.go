// Package database keeps users, sessions, one-time tokens, the audit log and, in
// their transactions, jobs in PostgreSQL or SQLite: one code base on GORM, in which
// the two differ only in how they are opened and in the codes of their errors.
//
// ParseURL reads a DATABASE_URL, Open connects, and NewStores gives the
// repositories and the unit of work. The schema belongs to package migrations.
package database
