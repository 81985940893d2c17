package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ListUserSessions returns a user's live sessions to staff.
type ListUserSessions struct {
	p     Ports
	lives domain.SessionLives
}

// NewListUserSessions returns the use case. lives are how long sessions last.
func NewListUserSessions(p Ports, lives domain.SessionLives) *ListUserSessions {
	return &ListUserSessions{p, lives}
}

// Execute returns the live sessions. The caller's own session is as
// domain.Session.HeldBy returns it. Errors: domain.ErrUserNotFound,
// domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ListUserSessions) Execute(ctx context.Context, cmd ports.ListUserSessionsCommand) (ports.SessionsResult, error) {
	id, err := target(cmd.Principal, domain.PermissionReadUsers, cmd.UserID)
	if err != nil {
		return ports.SessionsResult{}, err
	}
	user, err := uc.p.Store.Users.ByID(ctx, id)
	if err != nil {
		return ports.SessionsResult{}, err
	}
	now := uc.p.Clock.Now()
	live, err := uc.p.Store.Sessions.LiveByUser(ctx, id, user.SessionEpoch(), now)
	if err != nil {
		return ports.SessionsResult{}, err
	}
	kit.HideRotation(live, cmd.Principal, cmd.Origin, uc.lives, now)
	return ports.SessionsResult{Sessions: live}, nil
}
