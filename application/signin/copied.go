package signin

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// endCopied ends a session whose tokens have two holders, found at now, mails its
// owner a notice, and returns refusal. revoke decides again on the session as it is
// stored, and ends it; the error that it returns instead leaves the session alone and
// is returned. The verdict leaves the unit of work in a variable, because returning
// it as an error would roll the revocation back. Errors: refusal, those of revoke,
// domain.ErrSessionEnded if the session is gone.
func (p Ports) endCopied(ctx context.Context, id domain.SessionID, o ports.Origin, now time.Time,
	revoke func(*domain.Session, *domain.User) error, refusal error,
) error {
	event := kit.Event(p.IDs, domain.EventRefreshTokenReused, o, now).In(id)
	var verdict error
	err := p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		session, user, err := r.Sessions.WithUser(ctx, id)
		if err != nil {
			return kit.Hide(err, domain.ErrSessionEnded)
		}
		if verdict = revoke(session, user); verdict != nil {
			return nil //nolint:nilerr // refuse without another mail
		}
		verdict = refusal
		if err := r.Sessions.Save(ctx, session); err != nil {
			return err
		}
		return kit.Mails(r, p.IDs, now).Notice(ctx, user.ID(), domain.MailSessionReused, o.Client, event.About(user.ID()))
	})
	if err != nil {
		return err
	}
	return verdict
}
