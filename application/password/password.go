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
type Ports = kit.Ports

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
