package signin

import (
	"context"

	"github.com/seed543b3b27/auth-service/ports"
)

// ListSessions returns the caller's live sessions.
type ListSessions struct{ p Ports }

// NewListSessions returns the use case.
func NewListSessions(p Ports) *ListSessions { return &ListSessions{p} }

// Execute returns the live sessions. Errors: domain.ErrUnauthenticated.
func (uc *ListSessions) Execute(ctx context.Context, cmd ports.ListSessionsCommand) (ports.SessionsResult, error) {
	user, session, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.SessionsResult{}, err
	}
	live, err := uc.p.Store.Sessions.LiveByUser(ctx, user.ID(), user.SessionEpoch(), uc.p.Clock.Now())
	if err != nil {
		return ports.SessionsResult{}, err
	}
	return ports.SessionsResult{Sessions: live, Current: session.ID()}, nil
}
