// Package migrations makes and changes the database schema, on PostgreSQL and
// on SQLite, in numbered steps of frozen SQL.
//
// Each step runs in one transaction, together with the note that it ran, and
// under a lock. So several processes may start at once, and the next run completes
// a run that was killed.
//
// A release only adds to the schema; a later release removes what is no longer
// used. So the previous release works on the new schema, and test/ops/upgrade
// proves it for the newest step.
//
// A step may hold up a login for a second at most. It waits for a table only
// shortly (lockTimeout) and is tried again later, so it should lock one table,
// change the catalog only, and neither rewrite nor scan a large table.
//
// The first step also adopts a database of the Python service that this one
// replaces: see Adoption.
package migrations
