// Package eventlog shows the audit log to operators. Each stored event becomes a
// line of the process's own log, and a count by type for the metrics.
//
// A Log wraps the stores. It ignores events that were rolled back, and writes
// each event once however often its unit of work was repeated.
package eventlog
