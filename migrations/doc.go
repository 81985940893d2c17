// Package migrations makes and changes the database schema, on PostgreSQL and
// on SQLite, in numbered steps of frozen SQL.
//
// Each step runs in one transaction together with the note that it ran, and
// under a lock, so that several processes may start at once and a run that was
// killed is completed by the next. Steps first add and only in a later release
// take away, so that the previous release keeps working on the new schema.
//
// The first step also adopts a database of the Python service that this one
// replaces: see Adoption.
package migrations
