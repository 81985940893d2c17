package app

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Gatekeeper is the admission of a test. It counts who is inside, and notes the last
// network.
type Gatekeeper struct {
	closed  atomic.Bool
	inside  atomic.Int64
	network atomic.Pointer[string]
}

var _ ports.Admission = (*Gatekeeper)(nil)

// Admit implements ports.Admission.
func (g *Gatekeeper) Admit(ctx context.Context, network string) (leave func(), err error) {
	if g.closed.Load() {
		return nil, domain.ErrOverloaded
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g.network.Store(&network)
	g.inside.Add(1)
	return sync.OnceFunc(func() { g.inside.Add(-1) }), nil
}

// Close makes the gatekeeper refuse every request from now on.
func (g *Gatekeeper) Close() { g.closed.Store(true) }

// Inside returns how many admitted requests have not left.
func (g *Gatekeeper) Inside() int { return int(g.inside.Load()) }

// Network returns the network of the last admitted request; nil if there was none.
func (g *Gatekeeper) Network() *string { return g.network.Load() }
