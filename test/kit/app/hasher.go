package app

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ErrFault is the error of a failure that a test causes.
var ErrFault = errors.New("the disk has failed")

// Hasher is the hasher of a test. It counts hashes and checks, and can run a function
// before one of them.
type Hasher struct {
	memory.PasswordHasher

	// BeforeHash and BeforeVerify run once, before the next password is hashed or
	// checked. Set them while no call runs.
	BeforeHash, BeforeVerify func()

	full     atomic.Bool
	reserved atomic.Pointer[ports.Reservation]
	held     atomic.Int64

	calls  atomic.Int64
	failAt atomic.Int64
	gate   atomic.Pointer[Gate]
}

// Reserve implements ports.PasswordHasher. It notes the reservation.
func (h *Hasher) Reserve(ctx context.Context, r ports.Reservation) (ports.HashPlace, error) {
	if h.full.Load() {
		return nil, domain.ErrOverloaded.WithRetryAfter(time.Second)
	}
	if _, err := h.PasswordHasher.Reserve(ctx, r); err != nil {
		return nil, err
	}
	h.reserved.Store(&r)
	h.held.Add(1)
	return &place{Hasher: h}, nil
}

// place is a place of a Hasher.
type place struct {
	*Hasher
	released atomic.Bool
}

// Release implements ports.HashPlace.
func (p *place) Release() {
	if !p.released.Swap(true) {
		p.held.Add(-1)
	}
}

// Fill makes the hasher refuse every reservation from now on.
func (h *Hasher) Fill() { h.full.Store(true) }

// Reserved returns the last reservation; nil if there was none.
func (h *Hasher) Reserved() *ports.Reservation { return h.reserved.Load() }

// Held returns how many places are not released.
func (h *Hasher) Held() int { return int(h.held.Load()) }

// Hash implements ports.HashPlace.
func (h *Hasher) Hash(ctx context.Context, password domain.Secret) (domain.PasswordHash, error) {
	if h.calls.Add(1) == h.failAt.Load() {
		return domain.PasswordHash{}, ErrFault
	}
	once(&h.BeforeHash)
	return h.PasswordHasher.Hash(ctx, password)
}

// Verify implements ports.HashPlace.
func (h *Hasher) Verify(ctx context.Context, hash domain.PasswordHash, password domain.Secret) (ports.PasswordMatch, error) {
	if h.calls.Add(1) == h.failAt.Load() {
		return ports.PasswordMatch{}, ErrFault
	}
	if gate := h.gate.Swap(nil); gate != nil {
		if err := gate.pass(ctx); err != nil {
			return ports.PasswordMatch{}, err
		}
	}
	once(&h.BeforeVerify)
	return h.PasswordHasher.Verify(ctx, hash, password)
}

func once(hook *func()) {
	if meanwhile := *hook; meanwhile != nil {
		*hook = nil
		meanwhile()
	}
}

// Fail makes the n-th call from now on fail with ErrFault, counted from 1; 0 lets every
// call through.
func (h *Hasher) Fail(n int) {
	h.calls.Store(0)
	h.failAt.Store(int64(n))
}

// Calls returns how many calls there were since the last Fail.
func (h *Hasher) Calls() int { return int(h.calls.Load()) }

// Gate holds one check of a password.
type Gate struct{ reached, open chan struct{} }

// Hold makes the next check of a password wait until the gate is opened.
func (h *Hasher) Hold() *Gate {
	g := &Gate{make(chan struct{}), make(chan struct{})}
	h.gate.Store(g)
	return g
}

// Reached is closed when a check waits at the gate.
func (g *Gate) Reached() <-chan struct{} { return g.reached }

// Open lets the check continue.
func (g *Gate) Open() { close(g.open) }

func (g *Gate) pass(ctx context.Context) error {
	close(g.reached)
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
