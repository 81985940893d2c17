package app

import (
	"time"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/ports"
)

// Adapters holds the adapters in memory from which a service for tests is built.
type Adapters struct {
	// Ports has an adapter for each port: the fields below, and others that a test does
	// not control.
	Ports assembly.Ports

	Store  *memory.Store
	Queue  *memory.Queue
	Mailer *memory.Mailer
	Clock  *memory.Clock
}

// InMemory returns empty adapters whose clock stands at start. No limit is on.
func InMemory(start time.Time) Adapters {
	a := Adapters{Clock: memory.NewClock(start), Mailer: memory.NewMailer()}
	a.Queue = memory.NewQueue(a.Clock)
	a.Store = memory.NewStore(a.Queue)
	a.Ports = assembly.Ports{
		Store:   a.Store.Port(),
		Hasher:  memory.PasswordHasher{},
		Screen:  memory.PasswordScreen{},
		Signer:  memory.NewTokenSigner(),
		Limiter: memory.NewRateLimiter(a.Clock, nil),
		Mailer:  a.Mailer,
		Clock:   a.Clock,
		IDs:     memory.NewIDs(),
		Random:  memory.NewRandom(),
	}
	return a
}

// UseCases returns all use cases on these adapters.
func (a Adapters) UseCases(settings assembly.Settings) ports.UseCases {
	return assembly.UseCases(a.Ports, settings)
}
