package signin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ListSessions returns the caller's live sessions.
type ListSessions struct {
	p     Ports
	lives domain.SessionLives
}

// NewListSessions returns the use case.
func NewListSessions(p Ports, s Settings) *ListSessions { return &ListSessions{p, s.Lives} }

// Execute returns the live sessions. Errors: domain.ErrUnauthenticated.
func (uc *ListSessions) Execute(ctx context.Context, cmd ports.ListSessionsCommand) (ports.SessionsResult, error) {
	user, session, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.SessionsResult{}, err
	}
	now := uc.p.Clock.Now()
	live, err := uc.p.Store.Sessions.LiveByUser(ctx, user.ID(), user.SessionEpoch(), now)
	if err != nil {
		return ports.SessionsResult{}, err
	}
	kit.HideRotation(live, cmd.Principal, cmd.Origin, uc.lives, now)
	return ports.SessionsResult{Sessions: live, Current: session.ID()}, nil
}
