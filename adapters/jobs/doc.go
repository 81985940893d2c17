// Package jobs is the durable queue behind ports.Jobs: River, on the service's
// own PostgreSQL or SQLite database.
//
// A job joins the transaction of the change it belongs to (Queue.InTx), so that
// there is a mail exactly when the change was committed. Each running process
// works: it takes jobs, a crashed process's ones included, tries them again
// until they succeed or expire, and forgets them soon after. River's tables
// come from its own migrations; this package changes no schema.
package jobs
