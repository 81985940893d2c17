// Package gateways holds no code but tests: they run the gateways that the folder
// deploy configures, with those very files, in front of two replicas of the real
// program on one PostgreSQL, and in front of upstreams that misbehave.
//
// They prove what docs/gateways.md promises operators: what is reachable, what
// clients may not choose, what is tried again, and that replicas are replaced
// under load without one failed request.
package gateways
