package kit

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Ports are the driven ports of the packages that change accounts: account, admin and
// password. A package that needs another port declares ports of its own.
type Ports struct {
	Store   ports.Store
	Hasher  ports.PasswordHasher
	Screen  ports.PasswordScreen
	Limiter ports.RateLimiter
	Clock   ports.Clock
	IDs     ports.IDs
}

// Limits returns the rate limits on the ports.
func (p Ports) Limits() Limits {
	return Limits{Limiter: p.Limiter, Audit: p.Store.Audit, Clock: p.Clock, IDs: p.IDs}
}

// Place reserves a place for so many hashes of a request without a session. Errors:
// domain.ErrOverloaded.
func (p Ports) Place(ctx context.Context, o ports.Origin, hashes int) (ports.HashPlace, error) {
	return p.Hasher.Reserve(ctx, ports.Reservation{Network: o.Client.Network(), Hashes: hashes})
}

// PlaceInSession reserves a place for so many hashes of a principal: a request in a session,
// or the operator. Errors: domain.ErrOverloaded.
func (p Ports) PlaceInSession(ctx context.Context, o ports.Origin, by domain.Principal, hashes int) (ports.HashPlace, error) {
	r := ports.Reservation{Network: o.Client.Network(), Known: true, Hashes: hashes}
	if user, err := by.Account(); err == nil {
		r.Account = user.ID()
	}
	return p.Hasher.Reserve(ctx, r)
}

// Confirmer returns the check of confirmations on the ports.
func (p Ports) Confirmer() Confirmer {
	return Confirmer{Limits: p.Limits(), Store: p.Store}
}

// StrictConfirmer returns the check that takes a code as well from an account with a second
// factor.
func (p Ports) StrictConfirmer(second SecondFactor) Confirmer {
	c := p.Confirmer()
	c.Second = second
	return c
}

// Passwords returns the admission of new passwords by policy on the ports.
func (p Ports) Passwords(policy domain.PasswordPolicy) Passwords {
	return Passwords{Policy: policy, Screen: p.Screen}
}
