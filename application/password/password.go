// Package password holds the use cases by which users replace a password: by the
// present one, or by the secret of a reset or invitation mail.
package password

import (
	"context"

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

func (p Ports) limits() kit.Limits {
	return kit.Limits{Limiter: p.Limiter, Audit: p.Store.Audit, Clock: p.Clock, IDs: p.IDs}
}

func (p Ports) confirmer() kit.Confirmer {
	return kit.Confirmer{Limits: p.limits(), Hasher: p.Hasher}
}

func (p Ports) passwords(policy domain.PasswordPolicy) kit.Passwords {
	return kit.Passwords{Policy: policy, Screen: p.Screen, Hasher: p.Hasher}
}

// voidTokens removes every unused one-time token of a user whose password changes.
// That includes a pending change of address, because an attacker that knew the
// password may have requested it.
func voidTokens(ctx context.Context, r ports.Repositories, id domain.UserID) error {
	for _, use := range []domain.TokenUse{domain.UseSetPassword, domain.UseConfirmEmail} {
		if err := r.Tokens.DeleteByUser(ctx, use, id); err != nil {
			return err
		}
	}
	return nil
}
