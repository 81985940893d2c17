package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/ports"
)

// ListUserSessions returns a user's live sessions to an administrator.
type ListUserSessions struct{ p Ports }

// NewListUserSessions returns the use case.
func NewListUserSessions(p Ports) *ListUserSessions { return &ListUserSessions{p} }

// Execute returns the live sessions. Errors: domain.ErrUserNotFound,
// domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ListUserSessions) Execute(ctx context.Context, cmd ports.ListUserSessionsCommand) (ports.SessionsResult, error) {
	id, err := target(cmd.Principal, cmd.UserID)
	if err != nil {
		return ports.SessionsResult{}, err
	}
	user, err := uc.p.Store.Users.ByID(ctx, id)
	if err != nil {
		return ports.SessionsResult{}, err
	}
	live, err := uc.p.Store.Sessions.LiveByUser(ctx, id, user.SessionEpoch(), uc.p.Clock.Now())
	if err != nil {
		return ports.SessionsResult{}, err
	}
	return ports.SessionsResult{Sessions: live}, nil
}
