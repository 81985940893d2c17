package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// EndUserSession lets staff end one session of a user.
type EndUserSession struct{ p Ports }

// NewEndUserSession returns the use case.
func NewEndUserSession(p Ports) *EndUserSession { return &EndUserSession{p} }

// Execute ends the session. Errors: domain.ErrUserNotFound, domain.ErrSessionNotFound if the
// session is unknown, over or another user's, domain.ErrRateLimited, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *EndUserSession) Execute(ctx context.Context, cmd ports.EndUserSessionCommand) (ports.None, error) {
	id, err := target(cmd.Principal, domain.PermissionHelpUsers, cmd.UserID)
	if err != nil {
		return ports.None{}, err
	}
	sessionID, err := domain.ParseSessionID(cmd.SessionID)
	if err != nil {
		return ports.None{}, err
	}
	if err := takeWrite(ctx, uc.p, cmd.Origin, cmd.Principal); err != nil {
		return ports.None{}, err
	}
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventSessionRevoked, cmd.Origin, now).About(id).By(cmd.Principal).
		In(sessionID).Saying(string(domain.RevokedByStaff))
	return ports.None{}, uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, id)
		if err != nil {
			return err
		}
		if err := cmd.Principal.MayHelp(user); err != nil {
			return err
		}
		session, owner, err := r.Sessions.WithUser(ctx, sessionID)
		if err != nil {
			return err
		}
		if owner.ID() != id || session.State(owner.SessionEpoch(), now) != domain.SessionActive {
			return domain.ErrSessionNotFound
		}
		session.Revoke(domain.RevokedByStaff, now)
		if err := r.Sessions.Save(ctx, session); err != nil {
			return err
		}
		return r.Audit.Append(ctx, event)
	})
}
