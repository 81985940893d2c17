// Package admission bounds how many requests are in the store at once (ports.Admission).
package admission

import (
	"context"
	"sync"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/internal/shares"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const (
	// poolShare is the part of the pool that the requests may use: one connection of so
	// many, and one at least.
	poolShare = 4
	// linePerPlace is how many requests may wait for each place. A request takes some
	// milliseconds, so the last one waits for a fraction of patience.
	linePerPlace = 8
	// patience is how long a request waits at most, if the store is slow. With the time
	// that a flood holds back a refusal, it makes less than one and a half seconds.
	patience = 500 * time.Millisecond
)

// Stats are the numbers of a Gate.
type Stats struct {
	// Places is how many requests may be in the store at once, and Held how many are there
	// or wait to be.
	Places, Held int
	// Admitted counts the requests that got a place.
	Admitted uint64
	Refused  Refusals
}

// Refusals are why requests got no place.
type Refusals struct {
	// Full counts those for which too many others waited.
	Full uint64
	// Network counts those whose network had its share of the places.
	Network uint64
	// Late counts those that waited too long, because the store is slow.
	Late uint64
}

// Gate is the ports.Admission of this package. A request holds a place from its arrival
// until it leaves: first in the line, then in the store. It is safe for concurrent use.
type Gate struct {
	inside   chan struct{} // one for each request in the store; senders wait in order
	patience time.Duration

	mu        sync.Mutex
	held      int
	byNetwork shares.Shares
	admitted  uint64
	refused   Refusals
}

var _ ports.Admission = (*Gate)(nil)

// New returns the gate before a pool of so many connections.
func New(connections int) *Gate {
	return &Gate{inside: make(chan struct{}, max(1, connections/poolShare)), patience: patience, byNetwork: shares.Shares{}}
}

// Admit implements ports.Admission. It refuses at once if the line is full.
func (g *Gate) Admit(ctx context.Context, network string) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !g.take(network) {
		return nil, domain.ErrOverloaded
	}
	if err := g.enter(ctx); err != nil {
		g.give(network)
		return nil, err
	}
	g.count(&g.admitted)
	return sync.OnceFunc(func() {
		<-g.inside
		g.give(network)
	}), nil
}

// take takes a place in the line for a request of a network.
func (g *Gate) take(network string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	free := cap(g.inside)*(1+linePerPlace) - g.held - 1
	switch {
	case free < 0:
		g.refused.Full++
		return false
	case !g.byNetwork.Allows(network, 1, free):
		g.refused.Network++
		return false
	}
	g.held++
	g.byNetwork.Take(network, 1)
	return true
}

// enter waits until a request may use the store. Errors: domain.ErrOverloaded, the context's.
func (g *Gate) enter(ctx context.Context) error {
	select {
	case g.inside <- struct{}{}:
		return nil
	default:
	}
	late := time.NewTimer(g.patience)
	defer late.Stop()
	select {
	case g.inside <- struct{}{}:
		return nil
	case <-late.C:
		g.count(&g.refused.Late)
		return domain.ErrOverloaded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give gives back the place of a request.
func (g *Gate) give(network string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held--
	g.byNetwork.Give(network, 1)
}

// count adds one to a counter of the gate.
func (g *Gate) count(counter *uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*counter++
}

// Stats returns the numbers of the gate.
func (g *Gate) Stats() Stats {
	g.mu.Lock()
	defer g.mu.Unlock()
	return Stats{Places: cap(g.inside), Held: g.held, Admitted: g.admitted, Refused: g.refused}
}
