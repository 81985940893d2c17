package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// EndUserSessions lets staff sign a user out everywhere.
type EndUserSessions struct{ p Ports }

// NewEndUserSessions returns the use case.
func NewEndUserSessions(p Ports) *EndUserSessions { return &EndUserSessions{p} }

// Execute ends all sessions of the user. Errors: domain.ErrUserNotFound,
// domain.ErrRateLimited, domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *EndUserSessions) Execute(ctx context.Context, cmd ports.EndUserSessionsCommand) (ports.None, error) {
	id, err := target(cmd.Principal, domain.PermissionHelpUsers, cmd.UserID)
	if err != nil {
		return ports.None{}, err
	}
	if err := takeWrite(ctx, uc.p, cmd.Origin, cmd.Principal); err != nil {
		return ports.None{}, err
	}
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventSessionsEnded, cmd.Origin, now).About(id).By(cmd.Principal)
	return ports.None{}, uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, id)
		if err != nil {
			return err
		}
		if err := cmd.Principal.MayHelp(user); err != nil {
			return err
		}
		user.EndSessions(now)
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		return r.Audit.Append(ctx, event)
	})
}
