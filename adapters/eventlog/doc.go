// Package eventlog shows the audit log to the people who run the service: each
// entry becomes a line of the process's own log, once it is stored, and a count
// by type for the metrics.
//
// A Log wraps the stores. It says nothing of what was rolled back, and each
// event once however often its unit of work was run again.
package eventlog
