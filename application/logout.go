package application

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Logout ends the session of a token.
type Logout struct{ d Dependencies }

// NewLogout returns the use case.
func NewLogout(d Dependencies) *Logout { return &Logout{d} }

// Execute ends the session, and succeeds as well if it is over already or its
// user is gone. It takes an access or a refresh token, expired ones too.
// Errors: domain.ErrUnauthenticated for a token that is not ours; any other
// error means that the session may still live.
func (uc *Logout) Execute(ctx context.Context, cmd ports.LogoutCommand) (ports.None, error) {
	now := uc.d.Clock.Now()
	id, err := uc.sessionOf(cmd.Token, now)
	if err != nil {
		return ports.None{}, err
	}
	return ports.None{}, uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		session, user, err := r.Sessions.WithUser(ctx, id)
		if err != nil {
			return hide(err, nil)
		}
		if session.State(user.SessionEpoch(), now) != domain.SessionActive {
			return nil
		}
		session.Revoke(domain.RevokedByLogout, now)
		if err := r.Sessions.Save(ctx, session); err != nil {
			return err
		}
		return r.Audit.Append(ctx, uc.d.event(domain.EventLoggedOut, cmd.Origin, now).About(user.ID()).ByOwner().In(id))
	})
}

// sessionOf returns the session a token of either kind belongs to.
func (uc *Logout) sessionOf(token domain.Secret, now time.Time) (domain.SessionID, error) {
	if access, err := uc.d.Signer.ParseAccess(token); err == nil {
		err = uc.d.Settings.Rules.CheckAccess(access, now)
		if err == nil || errors.Is(err, domain.ErrTokenExpired) {
			return access.SessionID, nil
		}
	}
	if refresh, err := uc.d.Signer.ParseRefresh(token); err == nil {
		err = uc.d.Settings.Rules.CheckRefresh(refresh, now)
		if err == nil || errors.Is(err, domain.ErrTokenExpired) {
			return refresh.SessionID, nil
		}
	}
	return domain.SessionID{}, domain.ErrUnauthenticated
}
