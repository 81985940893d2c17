package signin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Authenticate checks every protected request: first the token, then session and
// user in one query. A logout, a revocation or a change of role therefore holds from
// the next request on, on every replica.
type Authenticate struct {
	p      Ports
	tokens domain.TokenRules
}

// NewAuthenticate returns the use case.
func NewAuthenticate(p Ports, s Settings) *Authenticate { return &Authenticate{p, s.Tokens} }

// Execute returns the principal of the token. Errors: domain.ErrUnauthenticated,
// domain.ErrTokenExpired, domain.ErrSessionEnded.
func (uc *Authenticate) Execute(ctx context.Context, cmd ports.AuthenticateCommand) (ports.AuthenticateResult, error) {
	claims, err := uc.p.Signer.ParseAccess(cmd.AccessToken)
	if err != nil {
		return ports.AuthenticateResult{}, err
	}
	now := uc.p.Clock.Now()
	if err := uc.tokens.CheckAccess(claims, now); err != nil {
		return ports.AuthenticateResult{}, err
	}
	session, user, err := uc.p.Store.Sessions.WithUser(ctx, claims.SessionID)
	if err != nil {
		return ports.AuthenticateResult{}, kit.Hide(err, domain.ErrSessionEnded)
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
