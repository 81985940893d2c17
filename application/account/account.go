// Package account is what users do with their own account: register, confirm and
// change the address, look at it, and delete it.
package account

import (
	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Ports are the driven ports of the package.
type Ports struct {
	Store   ports.Store
	Hasher  ports.PasswordHasher
	Screen  ports.PasswordScreen
	Limiter ports.RateLimiter
	Clock   ports.Clock
	IDs     ports.IDs
}

// Settings are the operator's choices for accounts.
type Settings struct {
	// VerificationRequired makes a registration reveal nothing about the address.
	VerificationRequired bool
	// PasswordPolicy admits the password of a new account.
	PasswordPolicy domain.PasswordPolicy
}

func (p Ports) limits() kit.Limits {
	return kit.Limits{Limiter: p.Limiter, Audit: p.Store.Audit, Clock: p.Clock, IDs: p.IDs}
}

func (p Ports) confirmer() kit.Confirmer {
	return kit.Confirmer{Limits: p.limits(), Hasher: p.Hasher}
}

func (p Ports) passwords(s Settings) kit.Passwords {
	return kit.Passwords{Policy: s.PasswordPolicy, Screen: p.Screen, Hasher: p.Hasher}
}
