package signin

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Authenticate checks every protected request: first the token, then session and
// user in one query, which reads the metadata too if the caller asks for claims from it. A logout, a revocation or a change of role therefore holds from
// the next request on, on every replica, and so does the policy of sign-ins.
type Authenticate struct {
	p      Ports
	tokens domain.TokenRules
	policy domain.SignInPolicy
	claims domain.ClaimMap
}

// NewAuthenticate returns the use case.
func NewAuthenticate(p Ports, s Settings) *Authenticate {
	return &Authenticate{p, s.Tokens, s.Policy, s.Claims}
}

// Execute returns the principal of the token. It notes the first use of a generation
// of tokens, for Refresh, and ends a session whose token is of a void generation.
// Errors: domain.ErrUnauthenticated, domain.ErrTokenExpired, domain.ErrSessionEnded.
func (uc *Authenticate) Execute(ctx context.Context, cmd ports.AuthenticateCommand) (ports.AuthenticateResult, error) {
	claims, err := uc.p.Signer.ParseAccess(cmd.AccessToken)
	if err != nil {
		return ports.AuthenticateResult{}, err
	}
	now := uc.p.Clock.Now()
	if err := uc.tokens.CheckAccess(claims, now); err != nil {
		return ports.AuthenticateResult{}, err
	}
	session, user, err := withHolder(ctx, uc.p.Store.Repositories, claims.SessionID, cmd.Metadata || cmd.Claims && uc.claims.ReadsMetadata())
	if err != nil {
		return ports.AuthenticateResult{}, kit.Hide(err, domain.ErrSessionEnded)
	}
	if user.ID() != claims.Subject {
		return ports.AuthenticateResult{}, domain.ErrUnauthenticated
	}
	policy := uc.policy
	if cmd.Unconfirmed {
		policy.VerificationRequired = false
	}
	if err := policy.Continue(user.User); err != nil {
		return ports.AuthenticateResult{}, err
	}
	principal, err := domain.SessionPrincipal(user.User, session, now)
	if err != nil {
		return ports.AuthenticateResult{}, err
	}
	if session.IsVoid(claims.Generation) {
		return ports.AuthenticateResult{}, uc.endCopied(ctx, claims, cmd.Origin, now)
	}
	if session.Uses(claims.Generation) {
		uc.p.Store.NoteSeen(session.ID(), claims.Generation)
	}
	result := ports.AuthenticateResult{Principal: principal, SignedInFor: now.Sub(session.AuthenticatedAt())}
	if cmd.Metadata {
		result.Metadata = user.metadata
	}
	if cmd.Claims {
		result.Claims = uc.claims.Values(user.User, user.metadata)
	}
	return result, nil
}

// endCopied ends the session of an access token of a void generation, found at now.
func (uc *Authenticate) endCopied(ctx context.Context, claims domain.AccessClaims, o ports.Origin, now time.Time) error {
	return uc.p.endCopied(ctx, claims.SessionID, o, now, func(session *domain.Session, user *domain.User) error {
		if session.State(user.SessionEpoch(), now) != domain.SessionActive {
			return domain.ErrSessionEnded // another request ended it first
		}
		session.Revoke(domain.RevokedByReuse, now)
		return nil
	}, domain.ErrSessionEnded)
}
