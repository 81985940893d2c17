package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/ports"
)

// ListUserSessions shows an administrator where a user is signed in.
type ListUserSessions struct{ d Dependencies }

// NewListUserSessions returns the use case.
func NewListUserSessions(d Dependencies) *ListUserSessions { return &ListUserSessions{d} }

// Execute lists the live sessions. Errors: domain.ErrUserNotFound,
// domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ListUserSessions) Execute(ctx context.Context, cmd ports.ListUserSessionsCommand) (ports.SessionsResult, error) {
	id, err := adminTarget(cmd.Principal, cmd.UserID)
	if err != nil {
		return ports.SessionsResult{}, err
	}
	user, err := uc.d.Stores.Users.ByID(ctx, id)
	if err != nil {
		return ports.SessionsResult{}, err
	}
	live, err := uc.d.Stores.Sessions.LiveByUser(ctx, id, user.SessionEpoch(), uc.d.Clock.Now())
	if err != nil {
		return ports.SessionsResult{}, err
	}
	return ports.SessionsResult{Sessions: live}, nil
}
