package signin

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// provePassword adds the proof of a password to the attempt. It costs one hash,
// whether or not the address has an account. Errors:
// domain.ErrInvalidCredentials, domain.ErrOverloaded.
func (f *Flow) provePassword(ctx context.Context, a attempt, place ports.HashPlace, password domain.Secret) (attempt, error) {
	var hash domain.PasswordHash
	if a.user != nil {
		hash = a.user.PasswordHash()
	}
	match, err := place.Verify(ctx, hash, password)
	if err != nil {
		return a, err
	}
	if a.user == nil || !match.Matches {
		return a, domain.ErrInvalidCredentials
	}
	a.proofs = a.proofs.With(domain.ProofByPassword(f.p.Clock.Now()))
	if match.Outdated {
		a.prepare = func(ctx context.Context) (change, error) { return f.upgrade(ctx, place, hash, password) }
	}
	return a, nil
}

// upgrade returns the change that replaces an outdated hash by a new one of the same
// password. If too many hashes are waiting, it returns nil, and a later sign-in
// replaces the hash.
func (f *Flow) upgrade(ctx context.Context, place ports.HashPlace, old domain.PasswordHash, password domain.Secret) (change, error) {
	upgraded, err := place.Hash(ctx, password)
	if errors.Is(err, domain.ErrOverloaded) {
		return nil, nil //nolint:nilnil // no change is a valid outcome
	}
	if err != nil {
		return nil, err
	}
	return func(user *domain.User, now time.Time) bool {
		if user.PasswordHash() != old {
			return false // another sign-in replaced it meanwhile
		}
		user.UpgradeHash(upgraded, now)
		return true
	}, nil
}
