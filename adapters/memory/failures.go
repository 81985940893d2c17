package memory

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// failureRow is a count of wrong passwords in a row.
type failureRow struct {
	domain.Failures
	expiresAt time.Time
}

// locked reports whether a lock holds that began after since.
func (r failureRow) locked(since time.Time) bool { return r.LockedAt.After(since) }

// failures implements ports.FailureCounts.
type failures struct{ in scope }

var _ ports.FailureCounts = failures{}

// errNoFailures is a programming error: only a count can be locked.
var errNoFailures = errors.New("memory: there are no failures to lock")

func (r failures) Read(ctx context.Context, now time.Time, keys ...ports.FailureKey) (all []domain.Failures, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		all = make([]domain.Failures, len(keys))
		for i, key := range keys {
			row := u.data.failures[key]
			if !row.expiresAt.After(now) {
				row.Count = 0
			}
			all[i] = row.Failures
		}
		return nil
	})
	return all, err
}

func (r failures) Add(ctx context.Context, key ports.FailureKey, f ports.Failure) (count int, err error) {
	err = r.in.call(ctx, writing, func(u *unit) error {
		row := u.data.failures[key]
		if row.locked(f.LockedSince) {
			count = 0
			return nil
		}
		if !row.expiresAt.After(f.At) {
			row.Count = 0
		}
		row.Count++
		row.LockedAt, row.expiresAt = time.Time{}, stored(f.ExpiresAt)
		key.Name = strings.Clone(key.Name) // the caller may reuse its memory
		set(u, u.data.failures, key, row)
		count = row.Count
		return nil
	})
	return count, err
}

func (r failures) Lock(ctx context.Context, key ports.FailureKey, now time.Time) error {
	return r.in.call(ctx, writing, func(u *unit) error {
		row, found := u.data.failures[key]
		if !found {
			return u.refuse(errNoFailures)
		}
		row.LockedAt = stored(now)
		set(u, u.data.failures, key, row)
		return nil
	})
}

func (r failures) Clear(ctx context.Context, keys ...ports.FailureKey) error {
	return r.in.call(ctx, writing, func(u *unit) error {
		for _, key := range keys {
			remove(u, u.data.failures, key)
		}
		return nil
	})
}

func (r failures) DeleteExpired(ctx context.Context, now, lockedSince time.Time, limit int) (n int, err error) {
	err = r.in.call(ctx, writing, func(u *unit) error {
		n = removeWhere(u, u.data.failures, limit, func(row failureRow) bool {
			return !row.expiresAt.After(now) && !row.locked(lockedSince)
		})
		return nil
	})
	return n, err
}
