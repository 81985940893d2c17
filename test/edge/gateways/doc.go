// Package gateways holds only tests. They run the gateways with the files of the
// folder deploy, in front of two replicas of the real program on one PostgreSQL, and in
// front of misbehaving upstreams.
//
// They prove the promises of docs/gateways.md: which paths are reachable, which headers
// clients cannot choose, which requests are tried again, and that replicas are replaced
// under load without a failed request.
package gateways
