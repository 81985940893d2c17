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

// Sessions opens the session that follows a change of the password. The flow of
// sign-ins implements it.
type Sessions interface {
	// OpenAfter makes change, which returns the changed user, and opens a session by
	// proofs in the same transaction. change may run several times. The result is as
	// of a login. Errors: those of change, the refusals of domain.SignInPolicy.
	OpenAfter(ctx context.Context, proofs domain.Proofs, o ports.Origin,
		change func(ctx context.Context, r ports.Repositories) (*domain.User, error)) (ports.LoginResult, error)
}
