// Package upkeep removes rows that ended some time ago: sessions, tokens, events,
// counts of rate limits, and registrations and second factors that nobody confirmed. It seals
// the secrets of factors anew after a change of the data key.
package upkeep

import "github.com/seed543b3b27/auth-service/ports"

// Ports are the driven ports of the package.
type Ports struct {
	Store   ports.Store
	Keys    ports.DataKeys
	Limiter ports.RateLimiter
	Clock   ports.Clock
	IDs     ports.IDs
}
