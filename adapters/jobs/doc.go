// Package jobs is the durable queue behind ports.Jobs: River, on the service's
// own PostgreSQL or SQLite database.
//
// A job joins the transaction of the change that it belongs to (Queue.InTx), so a
// mail exists exactly if the change was committed. Every running process takes
// jobs, including those of crashed processes, retries them until they succeed or
// expire, and deletes them soon after. River's own migrations create its tables;
// this package changes no schema.
package jobs
