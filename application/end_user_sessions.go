package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// EndUserSessions lets an administrator sign a user out everywhere.
type EndUserSessions struct{ d Dependencies }

// NewEndUserSessions returns the use case.
func NewEndUserSessions(d Dependencies) *EndUserSessions { return &EndUserSessions{d} }

// Execute ends all sessions of the user. Errors: domain.ErrUserNotFound,
// domain.ErrRateLimited, domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *EndUserSessions) Execute(ctx context.Context, cmd ports.EndUserSessionsCommand) (ports.None, error) {
	id, err := adminTarget(cmd.Principal, cmd.UserID)
	if err != nil {
		return ports.None{}, err
	}
	if err := uc.d.takeAdminWrite(ctx, cmd.Origin, cmd.Principal); err != nil {
		return ports.None{}, err
	}
	now := uc.d.Clock.Now()
	event := uc.d.event(domain.EventSessionsEnded, cmd.Origin, now).About(id).By(cmd.Principal)
	return ports.None{}, uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		_, err := endSessions(ctx, r, id, event, now)
		return err
	})
}
