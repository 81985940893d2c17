package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Confirmer checks the proof that a signed-in user gives again before a change that
// a stolen token must not make: a new password, a new address, or the deletion of
// the account.
type Confirmer struct {
	Limits Limits
	Hasher ports.PasswordHasher
}

// Check returns nil if the confirmation of user, who acts as p, is right. It records
// a wrong confirmation, and the refusal names the input field. Errors:
// domain.ErrRateLimited, domain.ErrWrongPassword, domain.ErrOverloaded.
func (c Confirmer) Check(ctx context.Context, p domain.Principal, user *domain.User, given ports.Confirmation, field string, o ports.Origin) error {
	l := c.Limits
	if err := l.TakeBy(ctx, o, p, user.ID(), Count{ports.LimitPasswordCheckUser, user.ID().String()}); err != nil {
		return err
	}
	match, err := c.Hasher.Verify(ctx, user.PasswordHash(), given.Password)
	if err != nil {
		return err
	}
	if match.Matches {
		return nil
	}
	event := Event(l.IDs, domain.EventPasswordRefused, o, l.Clock.Now()).About(user.ID()).By(p)
	if err := l.Audit.Append(ctx, event); err != nil {
		return err
	}
	return domain.ErrWrongPassword.WithField(field)
}

// StillSignedIn loads the acting session and its user again, and checks that they
// may still act at now: the session lives, and the user's password has not changed
// since checked was loaded. Errors: domain.ErrSessionEnded.
func StillSignedIn(ctx context.Context, r ports.Repositories, checked *domain.User, own *domain.Session, now time.Time) (*domain.User, error) {
	session, user, err := r.Sessions.WithUser(ctx, own.ID())
	if err != nil {
		return nil, Hide(err, domain.ErrSessionEnded)
	}
	if _, err := domain.SessionPrincipal(user, session, now); err != nil {
		return nil, err
	}
	if user.SessionEpoch() != checked.SessionEpoch() {
		return nil, domain.ErrSessionEnded // this session changed the password meanwhile
	}
	return user, nil
}
