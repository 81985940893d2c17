package application

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// LogoutEverywhere ends all of the caller's sessions.
type LogoutEverywhere struct{ d Dependencies }

// NewLogoutEverywhere returns the use case.
func NewLogoutEverywhere(d Dependencies) *LogoutEverywhere { return &LogoutEverywhere{d} }

// Execute ends the sessions, the caller's included. Errors:
// domain.ErrUnauthenticated, domain.ErrSessionEnded if the account is gone.
func (uc *LogoutEverywhere) Execute(ctx context.Context, cmd ports.LogoutEverywhereCommand) (ports.LogoutEverywhereResult, error) {
	caller, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.LogoutEverywhereResult{}, err
	}
	now := uc.d.Clock.Now()
	event := uc.d.event(domain.EventSessionsEnded, cmd.Origin, now).About(caller.ID()).By(cmd.Principal)
	var revoked int
	err = uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		var err error
		revoked, err = endSessions(ctx, r, caller.ID(), event, now)
		return err
	})
	if err != nil {
		return ports.LogoutEverywhereResult{}, hide(err, domain.ErrSessionEnded)
	}
	return ports.LogoutEverywhereResult{Revoked: revoked}, nil
}

// endSessions ends all sessions of a user, records event and returns how many were live.
func endSessions(ctx context.Context, r ports.Repositories, id domain.UserID, event domain.Event, now time.Time) (int, error) {
	user, err := r.Users.ByID(ctx, id)
	if err != nil {
		return 0, err
	}
	live, err := r.Sessions.LiveByUser(ctx, id, user.SessionEpoch(), now)
	if err != nil {
		return 0, err
	}
	user.EndSessions(now)
	if err := r.Users.Save(ctx, user); err != nil {
		return 0, err
	}
	return len(live), r.Audit.Append(ctx, event)
}
