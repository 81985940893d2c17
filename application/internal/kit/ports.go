package kit

import (
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

// Confirmer returns the check of confirmations on the ports.
func (p Ports) Confirmer() Confirmer {
	return Confirmer{Limits: p.Limits(), Hasher: p.Hasher, Store: p.Store}
}

// Passwords returns the admission of new passwords by policy on the ports.
func (p Ports) Passwords(policy domain.PasswordPolicy) Passwords {
	return Passwords{Policy: policy, Screen: p.Screen, Hasher: p.Hasher}
}
