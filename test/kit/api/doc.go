// Package api sends requests to a running service, for suites that see it from
// outside.
package api
