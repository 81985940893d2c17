package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Authenticate is the check behind every protected request: the token first,
// then session and user in one query, so that a logout, a revocation or a
// change of role counts from the next request on, on every replica.
type Authenticate struct{ d Dependencies }

// NewAuthenticate returns the use case.
func NewAuthenticate(d Dependencies) *Authenticate { return &Authenticate{d} }

// Execute tells who acts. Errors: domain.ErrUnauthenticated,
// domain.ErrTokenExpired, domain.ErrSessionEnded.
func (uc *Authenticate) Execute(ctx context.Context, cmd ports.AuthenticateCommand) (ports.AuthenticateResult, error) {
	claims, err := uc.d.Signer.ParseAccess(cmd.AccessToken)
	if err != nil {
		return ports.AuthenticateResult{}, err
	}
	now := uc.d.Clock.Now()
	if err := uc.d.Settings.Rules.CheckAccess(claims, now); err != nil {
		return ports.AuthenticateResult{}, err
	}
	session, user, err := uc.d.Stores.Sessions.WithUser(ctx, claims.SessionID)
	if err != nil {
		return ports.AuthenticateResult{}, hide(err, domain.ErrSessionEnded)
	}
	if user.ID() != claims.Subject {
		return ports.AuthenticateResult{}, domain.ErrUnauthenticated
	}
	principal, err := domain.SessionPrincipal(user, session, now)
	if err != nil {
		return ports.AuthenticateResult{}, err
	}
	return ports.AuthenticateResult{Principal: principal}, nil
}
