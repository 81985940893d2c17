// Package upkeep removes what has been over for a while.
package upkeep

import "github.com/seed543b3b27/auth-service/ports"

// Ports are the driven ports of the package.
type Ports struct {
	Store   ports.Store
	Limiter ports.RateLimiter
	Clock   ports.Clock
}
