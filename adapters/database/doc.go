// Package database keeps users, sessions, one-time tokens and the audit log in
// PostgreSQL or SQLite, and enqueues jobs in the same transactions. Both
// databases share one code base on GORM; they differ only in how they are opened
// and in their error codes.
//
// ParseURL reads a DATABASE_URL, Open connects, and NewStores returns the
// repositories and the unit of work. Package migrations owns the schema.
package database
