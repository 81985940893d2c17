package ratelimit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// shortestLife keeps a count that needs none at least for this long.
const shortestLife = time.Second

// DatabaseStore keeps the counts in the table rate_limits of PostgreSQL, which
// is unlogged: its writes wait for no disk, and it is empty after the server
// crashed. Each operation is one statement and its own transaction. Time is that
// of the database.
type DatabaseStore struct{ pool *sql.DB }

var _ Store = (*DatabaseStore)(nil)

// NewDatabaseStore returns a store that uses a pool of connections to
// PostgreSQL. The caller closes the pool.
func NewDatabaseStore(pool *sql.DB) *DatabaseStore { return &DatabaseStore{pool} }

// GetWithTime returns the value of key, or -1 if there is none, and the time of
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

// SetIfNotExistsWithTTL sets the value of key, if it has none that is still
// alive, and tells whether it did. The value lives for ttl, at least a second.
// Errors: internal ones.
func (s *DatabaseStore) SetIfNotExistsWithTTL(ctx context.Context, key string, value int64, ttl time.Duration) (bool, error) {
	const query = `
		INSERT INTO rate_limits (key, value, expires_at)
		VALUES ($1, $2, clock_timestamp() + $3::bigint * interval '1 microsecond')
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
		WHERE rate_limits.expires_at <= clock_timestamp()`
	return s.changesOne(ctx, query, []byte(key), value, microseconds(ttl))
}

// CompareAndSwapWithTTL replaces the value of key, if it is old and still alive,
// and tells whether it did. The new one lives for ttl, at least a second. Errors:
// internal ones.
func (s *DatabaseStore) CompareAndSwapWithTTL(ctx context.Context, key string, old, value int64, ttl time.Duration) (bool, error) {
	const query = `
		UPDATE rate_limits SET value = $2, expires_at = clock_timestamp() + $3::bigint * interval '1 microsecond'
		WHERE key = $1 AND value = $4 AND expires_at > clock_timestamp()`
	return s.changesOne(ctx, query, []byte(key), value, microseconds(ttl), old)
}

// DeleteExpired removes at most limit values that are no longer alive, and
// returns how many. Errors: domain.ErrUnavailable.
func (s *DatabaseStore) DeleteExpired(ctx context.Context, limit int) (int, error) {
	// The time of the statement, unlike the clock, can be looked up in an index;
	// replicas that clean up at once pass over each other's rows.
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

// changesOne runs a statement and tells whether it changed a row.
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

// lostRace tells whether somebody else changed the row first, where the database
// says so by a serialization failure: its default isolation may be that strict.
func lostRace(err error) bool {
	var state interface{ SQLState() string }
	return errors.As(err, &state) && state.SQLState() == "40001"
}

// microseconds returns a life as the database counts it, rounded up.
func microseconds(ttl time.Duration) int64 {
	return (max(ttl, shortestLife) + time.Microsecond - 1).Microseconds()
}
