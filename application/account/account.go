// Package account holds the use cases of users on their own account: register it,
// confirm and change its address, read it and delete it.
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
	// VerificationRequired makes a user confirm the address by mail. A registration
	// then does not reveal whether the address has an account.
	VerificationRequired bool
	// PasswordPolicy is the policy for the password of a new account.
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
