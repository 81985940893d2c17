package application

import (
	"context"

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

// confirmPassword checks the password of somebody who is signed in already. A
// refusal points at field.
func (d Dependencies) confirmPassword(ctx context.Context, user *domain.User, password domain.Secret, field string) error {
	match, err := d.Hasher.Verify(ctx, user.PasswordHash(), password)
	if err != nil {
		return err
	}
	if !match.Matches {
		return domain.ErrWrongPassword.WithField(field)
	}
	return nil
}

// sameCredentials loads the user again and tells whether a password check made
// against user still counts. Every change of a password, and whatever else ends
// all sessions, raises the epoch; the upgrade of a hash does not, since the
// password stays the same. If it does not count any more the write is refused
// with refusal and never tried again.
func sameCredentials(ctx context.Context, r ports.Repositories, user *domain.User, refusal error) (*domain.User, error) {
	current, err := r.Users.ByID(ctx, user.ID())
	if isNotFound(err) {
		return nil, refusal
	}
	if err != nil {
		return nil, err
	}
	if current.SessionEpoch() != user.SessionEpoch() {
		return nil, refusal
	}
	return current, nil
}
