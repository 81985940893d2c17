package signin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// LogoutEverywhere ends all of the caller's sessions.
type LogoutEverywhere struct{ p Ports }

// NewLogoutEverywhere returns the use case.
func NewLogoutEverywhere(p Ports) *LogoutEverywhere { return &LogoutEverywhere{p} }

// Execute ends the sessions, the caller's included. Errors:
// domain.ErrUnauthenticated, domain.ErrSessionEnded if the account is gone.
func (uc *LogoutEverywhere) Execute(ctx context.Context, cmd ports.LogoutEverywhereCommand) (ports.LogoutEverywhereResult, error) {
	caller, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.LogoutEverywhereResult{}, err
	}
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventSessionsEnded, cmd.Origin, now).About(caller.ID()).By(cmd.Principal)
	var revoked int
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		var err error
		revoked, err = kit.EndSessions(ctx, r, caller.ID(), event, now)
		return err
	})
	if err != nil {
		return ports.LogoutEverywhereResult{}, kit.Hide(err, domain.ErrSessionEnded)
	}
	return ports.LogoutEverywhereResult{Revoked: revoked}, nil
}
