package signin

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Logout ends the session of a token.
type Logout struct {
	p      Ports
	tokens domain.TokenRules
}

// NewLogout returns the use case.
func NewLogout(p Ports, s Settings) *Logout { return &Logout{p, s.Tokens} }

// Execute ends the session. It also succeeds if the session is over already or its
// user is gone. It takes an access or a refresh token, also an expired one. Errors:
// domain.ErrUnauthenticated for a token that the service did not issue. Any other
// error means that the session may still live.
func (uc *Logout) Execute(ctx context.Context, cmd ports.LogoutCommand) (ports.None, error) {
	now := uc.p.Clock.Now()
	id, err := uc.sessionOf(cmd.BearerToken, now)
	if err != nil {
		return ports.None{}, err
	}
	return ports.None{}, uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		session, user, err := r.Sessions.WithUser(ctx, id)
		if err != nil {
			return kit.Hide(err, nil)
		}
		if session.State(user.SessionEpoch(), now) != domain.SessionActive {
			return nil
		}
		session.Revoke(domain.RevokedByLogout, now)
		if err := r.Sessions.Save(ctx, session); err != nil {
			return err
		}
		return r.Audit.Append(ctx, kit.Event(uc.p.IDs, domain.EventLoggedOut, cmd.Origin, now).About(user.ID()).ByOwner().In(id))
	})
}

// sessionOf returns the session that a token of either kind belongs to. Errors:
// domain.ErrUnauthenticated.
func (uc *Logout) sessionOf(token domain.Secret, now time.Time) (domain.SessionID, error) {
	if access, err := uc.p.Signer.ParseAccess(token); err == nil {
		err = uc.tokens.CheckAccess(access, now)
		if err == nil || errors.Is(err, domain.ErrTokenExpired) {
			return access.SessionID, nil
		}
	}
	if refresh, err := uc.p.Signer.ParseRefresh(token); err == nil {
		err = uc.tokens.CheckRefresh(refresh, now)
		if err == nil || errors.Is(err, domain.ErrTokenExpired) {
			return refresh.SessionID, nil
		}
	}
	return domain.SessionID{}, domain.ErrUnauthenticated
}
