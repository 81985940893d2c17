// Package monitoring holds tests only: they prove with a real Prometheus what
// operators are given to watch the service by. The metrics are those that
// docs/metrics.md lists, the alerts fire when they should and have a runbook each,
// and every query of the alerts, the runbooks and the dashboard is answered.
//
// They need Debian's package prometheus, and fail without it.
package monitoring
