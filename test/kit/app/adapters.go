package app

import (
	"crypto/sha256"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/datakeys"
	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
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
	// Clock is nil if the clock is not one of adapters/memory.
	Clock *memory.Clock
}

// InMemory returns empty adapters whose clock stands at start. No limit is on.
func InMemory(start time.Time) Adapters { return InMemoryBy(memory.NewClock(start)) }

// InMemoryBy returns empty adapters that go by clock. No limit is on.
func InMemoryBy(clock ports.Clock) Adapters {
	a := Adapters{Mailer: memory.NewMailer()}
	a.Clock, _ = clock.(*memory.Clock)
	a.Queue = memory.NewQueue(clock)
	a.Store = memory.NewStore(a.Queue)
	a.Ports = assembly.Ports{
		Store:     a.Store.Port(),
		Hasher:    memory.PasswordHasher{},
		Screen:    memory.PasswordScreen{},
		Signer:    memory.NewTokenSigner(),
		DataKeys:  DataKeys("data key"),
		Admission: memory.Admission{},
		Limiter:   memory.NewRateLimiter(clock, nil),
		Mailer:    a.Mailer,
		Clock:     clock,
		IDs:       memory.NewIDs(),
		Random:    memory.NewRandom(),
	}
	return a
}

// DataKeys returns data keys that are made from names, so that equal names give equal keys.
// The first one seals: DataKeys("new", "old") opens the boxes of DataKeys("old"). Without
// names there is no key.
func DataKeys(names ...string) ports.DataKeys {
	all := make([]domain.Secret, 0, len(names))
	for _, name := range names {
		key := sha256.Sum256([]byte(name))
		all = append(all, domain.NewSecret(string(key[:])))
	}
	keys, err := datakeys.New(all)
	if err != nil {
		panic(err) // a name was given twice
	}
	return keys
}

// UseCases returns all use cases on these adapters.
func (a Adapters) UseCases(settings assembly.Settings) ports.UseCases {
	return assembly.UseCases(a.Ports, settings)
}
