// Package metrics counts what the service does and asks at times how much it has,
// for Prometheus. Names, labels and what they mean are in docs/metrics.md. Labels
// take values from closed lists only: nothing that a client sends becomes one.
package metrics
