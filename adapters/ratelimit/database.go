package ratelimit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// shortestLife is the minimum life of a count.
const shortestLife = time.Second

// DatabaseStore keeps the counts in PostgreSQL's table rate_limits. The table is
// unlogged: writes do not wait for the disk, and it is empty after a crash of the
// server. Each operation is one statement and its own transaction. Times are
// those of the database.
type DatabaseStore struct{ pool *sql.DB }

var _ Store = (*DatabaseStore)(nil)

// NewDatabaseStore returns a store that uses a pool of connections to
// PostgreSQL. The caller closes the pool.
func NewDatabaseStore(pool *sql.DB) *DatabaseStore { return &DatabaseStore{pool} }

// GetWithTime returns the value of key, or -1 for a missing key, and the time of
// the database. Errors: internal ones.
func (s *DatabaseStore) GetWithTime(ctx context.Context, key string) (int64, time.Time, error) {
	const query = `
		SELECT coalesce((SELECT value FROM rate_limits WHERE key = $1 AND expires_at > clock_timestamp()), -1), clock_timestamp()`
	var value int64
	var now time.Time
	if err := s.pool.QueryRowContext(ctx, query, []byte(key)).Scan(&value, &now); err != nil {
		return 0, time.Time{}, fmt.Errorf("reading a rate limit: %w", err)
	}
	return value, now, nil
}

// SetIfNotExistsWithTTL sets the value of key unless key has a live one, and
// reports whether it did. The value lives for ttl, at least a second. Errors:
// internal ones.
func (s *DatabaseStore) SetIfNotExistsWithTTL(ctx context.Context, key string, value int64, ttl time.Duration) (bool, error) {
	const query = `
		INSERT INTO rate_limits (key, value, expires_at)
		VALUES ($1, $2, clock_timestamp() + $3::bigint * interval '1 microsecond')
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
		WHERE rate_limits.expires_at <= clock_timestamp()`
	return s.changesOne(ctx, query, []byte(key), value, microseconds(ttl))
}

// CompareAndSwapWithTTL replaces the value of key if it equals old and is alive,
// and reports whether it did. The new value lives for ttl, at least a second.
// Errors: internal ones.
func (s *DatabaseStore) CompareAndSwapWithTTL(ctx context.Context, key string, old, value int64, ttl time.Duration) (bool, error) {
	const query = `
		UPDATE rate_limits SET value = $2, expires_at = clock_timestamp() + $3::bigint * interval '1 microsecond'
		WHERE key = $1 AND value = $4 AND expires_at > clock_timestamp()`
	return s.changesOne(ctx, query, []byte(key), value, microseconds(ttl), old)
}

// DeleteExpired removes at most limit expired values and returns how many.
// Errors: domain.ErrUnavailable.
func (s *DatabaseStore) DeleteExpired(ctx context.Context, limit int) (int, error) {
	// The statement's time can be looked up in an index; the clock's cannot.
	// Replicas that clean up at once skip each other's rows.
	const query = `
		DELETE FROM rate_limits WHERE key IN (
			SELECT key FROM rate_limits WHERE expires_at <= statement_timestamp()
			ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)`
	result, err := s.pool.ExecContext(ctx, query, limit)
	if err != nil {
		return 0, fmt.Errorf("deleting expired rate limits: %w (%w)", domain.ErrUnavailable, err)
	}
	deleted, err := result.RowsAffected()
	return int(deleted), err
}

// changesOne runs a statement and reports whether it changed a row.
func (s *DatabaseStore) changesOne(ctx context.Context, query string, args ...any) (bool, error) {
	result, err := s.pool.ExecContext(ctx, query, args...)
	if lostRace(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("writing a rate limit: %w", err)
	}
	changed, err := result.RowsAffected()
	return changed == 1, err
}

// lostRace reports whether another transaction changed the row first. A strict
// default isolation of the database reports that as a serialization failure.
func lostRace(err error) bool {
	var state interface{ SQLState() string }
	return errors.As(err, &state) && state.SQLState() == "40001"
}

// microseconds returns ttl in microseconds, rounded up.
func microseconds(ttl time.Duration) int64 {
	return (max(ttl, shortestLife) + time.Microsecond - 1).Microseconds()
}
