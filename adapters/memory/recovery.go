package memory

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type recoveryCodes struct{ in scope }

var _ ports.RecoveryCodes = recoveryCodes{}

// recoveryKey identifies a recovery code.
type recoveryKey struct {
	user domain.UserID
	hash [32]byte
}

// recoveryRow is a recovery code.
type recoveryRow struct {
	recoveryKey
	keyID  string
	usedAt time.Time
}

func (r recoveryCodes) Replace(ctx context.Context, id domain.UserID, codes []ports.KeyedHash, _ time.Time) error {
	codes = slices.Clone(codes)
	return r.in.call(ctx, writing, func(u *unit) error {
		removeRecoveryCodes(u, id)
		for _, code := range codes {
			if _, found := u.data.users[id]; !found {
				return u.refuse(domain.ErrUserNotFound)
			}
			key := recoveryKey{id, code.Hash}
			if _, found := u.data.recovery[key]; found {
				return u.refuse(errDuplicateID)
			}
			set(u, u.data.recovery, key, recoveryRow{recoveryKey: key, keyID: code.KeyID})
		}
		return nil
	})
}

func (r recoveryCodes) Use(ctx context.Context, id domain.UserID, hashes []ports.KeyedHash, now time.Time) (used bool, err error) {
	if len(hashes) == 0 {
		return false, nil
	}
	err = r.in.call(ctx, writing, func(u *unit) error {
		for _, hash := range hashes {
			key := recoveryKey{id, hash.Hash}
			if row, found := u.data.recovery[key]; found && row.keyID == hash.KeyID && row.usedAt.IsZero() {
				row.usedAt = stored(now)
				set(u, u.data.recovery, key, row)
				used = true
			}
		}
		return nil
	})
	return used && err == nil, err
}

func (r recoveryCodes) Left(ctx context.Context, id domain.UserID) (left int, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		for _, row := range u.data.recovery {
			if row.user == id && row.usedAt.IsZero() {
				left++
			}
		}
		return nil
	})
	return left, err
}

// removeRecoveryCodes removes the codes of a user.
func removeRecoveryCodes(u *unit, id domain.UserID) {
	removeWhere(u, u.data.recovery, math.MaxInt, func(row recoveryRow) bool { return row.user == id })
}
