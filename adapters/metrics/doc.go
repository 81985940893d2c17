// Package metrics counts the work of the service for Prometheus, and regularly
// asks the database for the numbers that only it knows. docs/metrics.md describes
// names and labels. Labels take values from closed lists only; a value from a
// client never becomes a label.
package metrics
