package signin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// RevokeSession ends one of the caller's sessions.
type RevokeSession struct{ p Ports }

// NewRevokeSession returns the use case.
func NewRevokeSession(p Ports) *RevokeSession { return &RevokeSession{p} }

// Execute ends the session. Errors: domain.ErrSessionNotFound if the session is
// unknown, over or another user's, domain.ErrUnauthenticated.
func (uc *RevokeSession) Execute(ctx context.Context, cmd ports.RevokeSessionCommand) (ports.None, error) {
	caller, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.None{}, err
	}
	id, err := domain.ParseSessionID(cmd.SessionID)
	if err != nil {
		return ports.None{}, err
	}
	return ports.None{}, uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		session, user, err := r.Sessions.WithUser(ctx, id)
		if err != nil {
			return err
		}
		now := uc.p.Clock.Now()
		if user.ID() != caller.ID() || session.State(user.SessionEpoch(), now) != domain.SessionActive {
			return domain.ErrSessionNotFound
		}
		session.Revoke(domain.RevokedByOwner, now)
		if err := r.Sessions.Save(ctx, session); err != nil {
			return err
		}
		return r.Audit.Append(ctx, kit.Event(uc.p.IDs, domain.EventSessionRevoked, cmd.Origin, now).About(caller.ID()).By(cmd.Principal).
			In(session.ID()).Saying(string(domain.RevokedByOwner)))
	})
}
