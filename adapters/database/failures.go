package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// failures implements ports.FailureCounts.
type failures struct {
	access
	hash KeyedHash
}

var _ ports.FailureCounts = failures{}

// key returns the stored form of a key.
func (r failures) key(k ports.FailureKey) secretHash {
	return secretHash(r.hash(k.Of + "\x00" + k.Name))
}

func (r failures) keys(all []ports.FailureKey) []secretHash {
	keys := make([]secretHash, len(all))
	for i, k := range all {
		keys[i] = r.key(k)
	}
	return keys
}

// Read implements ports.FailureCounts.
func (r failures) Read(ctx context.Context, now time.Time, keys ...ports.FailureKey) ([]domain.Failures, error) {
	wanted := r.keys(keys)
	found := map[secretHash]domain.Failures{}
	err := r.reading(ctx, "reading wrong passwords", func(db *gorm.DB) error {
		rows, err := db.Raw("SELECT key, failures, locked_at, expires_at FROM login_failures WHERE key IN ?", wanted).Rows()
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // Err reports what matters
		clear(found)
		for rows.Next() {
			var key secretHash
			var f domain.Failures
			var lockedAt, expiresAt timestamp
			if err := rows.Scan(&key, &f.Count, &lockedAt, &expiresAt); err != nil {
				return err
			}
			if !expiresAt.time.After(now) {
				f.Count = 0
			}
			f.LockedAt = lockedAt.time
			found[key] = f
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	all := make([]domain.Failures, len(keys))
	for i, key := range wanted {
		all[i] = found[key]
	}
	return all, nil
}

// addFailure is atomic: of concurrent statements on one key, each sees the count of the
// one before. It changes nothing, and returns no row, while a lock holds.
const addFailure = `INSERT INTO login_failures (key, failures, expires_at) VALUES (@key, 1, @expires)
 ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN login_failures.expires_at <= @now THEN 1 ELSE login_failures.failures + 1 END,
  locked_at = NULL, expires_at = excluded.expires_at
 WHERE login_failures.locked_at IS NULL OR login_failures.locked_at <= @since
 RETURNING failures`

// Add implements ports.FailureCounts.
func (r failures) Add(ctx context.Context, key ports.FailureKey, f ports.Failure) (int, error) {
	count := 0
	err := r.writing(ctx, "counting a wrong password", func(db *gorm.DB) error {
		err := db.Raw(addFailure, map[string]any{
			"key": r.key(key), "expires": timestamp{f.ExpiresAt}, "now": timestamp{f.At}, "since": timestamp{f.LockedSince},
		}).Row().Scan(&count)
		if errors.Is(err, sql.ErrNoRows) {
			count = 0
			return nil
		}
		return err
	})
	return count, err
}

// Lock implements ports.FailureCounts.
func (r failures) Lock(ctx context.Context, key ports.FailureKey, now time.Time) error {
	return r.writing(ctx, "locking an address", func(db *gorm.DB) error {
		result := db.Exec("UPDATE login_failures SET locked_at = ? WHERE key = ?", timestamp{now}, r.key(key))
		if result.Error == nil && result.RowsAffected != 1 {
			return fmt.Errorf("database: %d counts to lock", result.RowsAffected)
		}
		return result.Error
	})
}

// Clear implements ports.FailureCounts.
func (r failures) Clear(ctx context.Context, keys ...ports.FailureKey) error {
	return r.writing(ctx, "clearing wrong passwords", func(db *gorm.DB) error {
		return db.Exec("DELETE FROM login_failures WHERE key IN ?", r.keys(keys)).Error
	})
}

const deleteExpiredFailures = `DELETE FROM login_failures WHERE key IN
 (SELECT key FROM login_failures WHERE expires_at <= @now AND (locked_at IS NULL OR locked_at <= @since) ORDER BY expires_at LIMIT @limit)`

// DeleteExpired implements ports.FailureCounts.
func (r failures) DeleteExpired(ctx context.Context, now, lockedSince time.Time, limit int) (int, error) {
	removed := 0
	err := r.writing(ctx, "removing old counts of wrong passwords", func(db *gorm.DB) error {
		result := db.Exec(deleteExpiredFailures, map[string]any{"now": timestamp{now}, "since": timestamp{lockedSince}, "limit": literal(limit)})
		removed = int(result.RowsAffected)
		return result.Error
	})
	return removed, err
}
