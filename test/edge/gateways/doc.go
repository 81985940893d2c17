// Package gateways holds only tests: they run the gateways with the very files of
// the folder deploy, in front of two replicas of the real program on one
// PostgreSQL, and in front of misbehaving upstreams.
//
// They prove what docs/gateways.md promises operators: what is reachable, what
// clients cannot choose, what is tried again, and that replicas are replaced
// under load without a failed request.
package gateways
