// Package upkeep removes rows that ended some time ago: sessions, tokens, events,
// counts of rate limits, and registrations that nobody confirmed.
package upkeep

import "github.com/seed543b3b27/auth-service/ports"

// Ports are the driven ports of the package.
type Ports struct {
	Store   ports.Store
	Limiter ports.RateLimiter
	Clock   ports.Clock
	IDs     ports.IDs
}
