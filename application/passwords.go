package application

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// newPassword admits and hashes a password for the account of email. A refusal
// points at field.
func (d Dependencies) newPassword(ctx context.Context, password domain.Secret, email domain.Email, field string) (domain.PasswordHash, error) {
	if err := d.admitPassword(password, email, field); err != nil {
		return domain.PasswordHash{}, err
	}
	return d.Hasher.Hash(ctx, password)
}

// admitPassword applies the policy and the screen of common passwords.
func (d Dependencies) admitPassword(password domain.Secret, email domain.Email, field string) error {
	if err := d.Settings.Policy.Check(password, email); err != nil {
		return domain.AtField(err, field)
	}
	if err := d.Screen.Screen(password); err != nil {
		return domain.AtField(err, field)
	}
	return nil
}

// confirmPassword checks the password of user, who is signed in already and acts
// as p. A refusal points at field and is recorded. Errors: domain.ErrRateLimited,
// domain.ErrWrongPassword, domain.ErrOverloaded.
func (d Dependencies) confirmPassword(ctx context.Context, p domain.Principal, user *domain.User, password domain.Secret, field string, o ports.Origin) error {
	if err := d.takeBy(ctx, o, p, user.ID(), count{ports.LimitPasswordCheckUser, user.ID().String()}); err != nil {
		return err
	}
	match, err := d.Hasher.Verify(ctx, user.PasswordHash(), password)
	if err != nil {
		return err
	}
	if match.Matches {
		return nil
	}
	event := d.event(domain.EventPasswordRefused, o, d.Clock.Now()).About(user.ID()).By(p)
	if err := d.Stores.Audit.Append(ctx, event); err != nil {
		return err
	}
	return domain.ErrWrongPassword.WithField(field)
}

// stillSignedIn loads the acting session and its user again and tells whether
// they may still act at now: the session lives, and the password that was
// checked against the user is still the one. Errors: domain.ErrSessionEnded.
func stillSignedIn(ctx context.Context, r ports.Repositories, checked *domain.User, own *domain.Session, now time.Time) (*domain.User, *domain.Session, error) {
	session, user, err := r.Sessions.WithUser(ctx, own.ID())
	if err != nil {
		return nil, nil, hide(err, domain.ErrSessionEnded)
	}
	if _, err := domain.SessionPrincipal(user, session, now); err != nil {
		return nil, nil, err
	}
	if user.SessionEpoch() != checked.SessionEpoch() {
		return nil, nil, domain.ErrSessionEnded // this very session changed the password
	}
	return user, session, nil
}

// sameCredentials loads the user again and tells whether a login's password
// check, made against user, still counts. Every change of a password, and
// whatever else ends all sessions, raises the epoch; the upgrade of a hash does
// not, since the password stays the same. If it does not count any more the
// login is refused and never tried again. Errors: domain.ErrInvalidCredentials.
func sameCredentials(ctx context.Context, r ports.Repositories, user *domain.User) (*domain.User, error) {
	current, err := r.Users.ByID(ctx, user.ID())
	if err != nil {
		return nil, hide(err, domain.ErrInvalidCredentials)
	}
	if current.SessionEpoch() != user.SessionEpoch() {
		return nil, domain.ErrInvalidCredentials
	}
	return current, nil
}
