// Package monitoring holds only tests. With a real Prometheus they prove the tools
// that operators get for watching the service. docs/metrics.md lists
// exactly the service's metrics, the alerts fire when they should and each has a
// runbook, and every query of the alerts, the runbooks and the dashboard gets an
// answer.
//
// The tests need Debian's package prometheus, and fail without it.
package monitoring
