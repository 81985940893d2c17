package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/ports"
)

// EndUserSessions lets an administrator sign a user out everywhere.
type EndUserSessions struct{ d Dependencies }

// NewEndUserSessions returns the use case.
func NewEndUserSessions(d Dependencies) *EndUserSessions { return &EndUserSessions{d} }

// Execute ends all sessions of the user. Errors: domain.ErrUserNotFound,
// domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *EndUserSessions) Execute(ctx context.Context, cmd ports.EndUserSessionsCommand) (ports.None, error) {
	id, err := adminTarget(cmd.Principal, cmd.UserID)
	if err != nil {
		return ports.None{}, err
	}
	return ports.None{}, uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		_, err := endSessions(ctx, r, id, uc.d.Clock.Now())
		return err
	})
}
