package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Confirmer checks the proof that a signed-in user gives again before a change
// that a copied token must not make: of the password, the address, or the
// account's existence.
type Confirmer struct {
	Limits Limits
	Hasher ports.PasswordHasher
}

// Check checks the confirmation of the user who acts as p. A wrong one is
// recorded, and the refusal names the input field. Errors: domain.ErrRateLimited,
// domain.ErrWrongPassword, domain.ErrOverloaded.
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
// may still act at now: the session lives, and the password that was checked
// against the user is still the present one. Errors: domain.ErrSessionEnded.
func StillSignedIn(ctx context.Context, r ports.Repositories, checked *domain.User, own *domain.Session, now time.Time) (*domain.User, *domain.Session, error) {
	session, user, err := r.Sessions.WithUser(ctx, own.ID())
	if err != nil {
		return nil, nil, Hide(err, domain.ErrSessionEnded)
	}
	if _, err := domain.SessionPrincipal(user, session, now); err != nil {
		return nil, nil, err
	}
	if user.SessionEpoch() != checked.SessionEpoch() {
		return nil, nil, domain.ErrSessionEnded // this very session changed the password
	}
	return user, session, nil
}
