package ratelimit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// DatabaseStore keeps the counts in PostgreSQL's table rate_limits. The table is
// unlogged: writes do not wait for the disk, and it is empty after a crash of the
// server. PostgreSQL itself counts all events of a request, in one statement that is
// its own transaction. Times are those of the database.
type DatabaseStore struct{ pool *sql.DB }

var _ Store = (*DatabaseStore)(nil)

// NewDatabaseStore returns a store that uses a pool of connections to
// PostgreSQL. The caller closes the pool.
func NewDatabaseStore(pool *sql.DB) *DatabaseStore { return &DatabaseStore{pool} }

// takeQuery counts the events of its values (place, key, interval, burst) by the generic
// cell rate algorithm. A count is the time at which its quota is whole again, in
// nanoseconds. Counts are locked in the order of their keys, so that requests that share
// some do not wait for each other in a circle.
//
// It returns the place of the event that is refused, if any, and how long that has to
// wait; the places whose quota is used up now, and how long the next event would have to
// wait; and the places to ask for again: a count that another request makes at the same
// moment can be neither locked nor made.
//
// A count that is further ahead than its quota allows, because the quota was larger
// before, is cut to a burst just used: else it would block for as long as the difference.
const takeQuery = `
	WITH clock AS MATERIALIZED (SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint AS now),
	asked (place, key, step, burst) AS (VALUES %s),
	held AS MATERIALIZED (
		SELECT r.key, r.value FROM rate_limits r WHERE r.key IN (SELECT a.key FROM asked a) ORDER BY r.key FOR UPDATE),
	counted AS MATERIALIZED (
		SELECT place, key, step, now, h.key IS NOT NULL AS held, h.value > now + burst AS ahead,
			least(greatest(coalesce(h.value, now), now), now + burst) AS whole, now + burst AS most
		FROM asked CROSS JOIN clock LEFT JOIN held h USING (key)),
	refused AS MATERIALIZED (
		SELECT place, whole + step - most AS wait FROM counted WHERE whole + step > most ORDER BY place LIMIT 1),
	changed AS MATERIALIZED (
		SELECT place, key, step, most, held, CASE WHEN ahead THEN whole ELSE whole + step END AS value
		FROM counted WHERE ahead OR place < coalesce((SELECT place FROM refused), 1000)),
	updated AS (
		UPDATE rate_limits r SET value = c.value, expires_at = to_timestamp(c.value / 1e9) + interval '1 second'
		FROM changed c WHERE c.held AND r.key = c.key),
	inserted AS (
		INSERT INTO rate_limits (key, value, expires_at)
		SELECT key, value, to_timestamp(value / 1e9) + interval '1 second' FROM changed WHERE NOT held ORDER BY key
		ON CONFLICT (key) DO NOTHING RETURNING key)
	SELECT 'refused', place, wait FROM refused
	UNION ALL
	SELECT 'spent', place, value + step - most FROM changed WHERE value + step > most
	UNION ALL
	SELECT 'again', place, 0 FROM changed WHERE NOT held AND key NOT IN (SELECT key FROM inserted)
	ORDER BY 2`

// Take counts events in their order, until one is refused. Errors: internal ones.
func (s *DatabaseStore) Take(ctx context.Context, events ...Event) (result Result, err error) {
	places := make([]int, len(events))
	for i := range places {
		places[i] = i
	}
	for {
		again, err := s.take(ctx, events, places, &result)
		switch {
		case lostRace(err):
			continue
		case err != nil:
			return Result{}, fmt.Errorf("counting in the rate limits: %w", err)
		case result.Refused || len(again) == 0:
			return result, nil
		}
		places = again
	}
}

// take counts the events at places, and notes the outcome in result. It returns the places
// that are to be counted again.
func (s *DatabaseStore) take(ctx context.Context, events []Event, places []int, result *Result) (again []int, err error) {
	values, args := make([]string, 0, len(places)), make([]any, 0, 3*len(places))
	for _, place := range places {
		step := events[place].Quota.Per / time.Duration(events[place].Quota.Events)
		n := len(args)
		values = append(values, fmt.Sprintf("(%d, $%d::bytea, $%d::bigint, $%d::bigint)", place, n+1, n+2, n+3))
		args = append(args, []byte(events[place].Key), step.Nanoseconds(), step.Nanoseconds()*int64(events[place].Quota.Events))
	}
	rows, err := s.pool.QueryContext(ctx, fmt.Sprintf(takeQuery, strings.Join(values, ", ")), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var outcome string
		var place int
		var wait time.Duration
		if err := rows.Scan(&outcome, &place, &wait); err != nil {
			return nil, err
		}
		switch outcome {
		case "refused":
			result.Refused, result.Place, result.RetryAfter = true, place, wait
		case "spent":
			result.spend(place, wait)
		default:
			again = append(again, place)
		}
	}
	return again, rows.Err()
}

// Ahead returns how long it takes until the quota of each key is whole again. Errors:
// internal ones.
func (s *DatabaseStore) Ahead(ctx context.Context, keys ...string) ([]time.Duration, error) {
	const query = `SELECT value - (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint FROM rate_limits WHERE key = $1`
	all := make([]time.Duration, len(keys))
	for i, key := range keys {
		err := s.pool.QueryRowContext(ctx, query, []byte(key)).Scan(&all[i])
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("reading the rate limits: %w", err)
		}
	}
	return all, nil
}

// generationKey holds the generation as its value: the time of the last Lift. No key of an
// event is as short.
const generationKey = "generation"

// Lift makes the quotas of keys whole, and then changes the generation. Errors: internal
// ones.
func (s *DatabaseStore) Lift(ctx context.Context, keys ...string) error {
	const mark = `INSERT INTO rate_limits (key, value, expires_at)
		VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint, 'infinity')
		ON CONFLICT (key) DO UPDATE SET value = greatest(excluded.value, rate_limits.value + 1)`
	for _, key := range keys {
		if _, err := s.pool.ExecContext(ctx, "DELETE FROM rate_limits WHERE key = $1", []byte(key)); err != nil {
			return fmt.Errorf("lifting rate limits: %w", err)
		}
	}
	if _, err := s.pool.ExecContext(ctx, mark, []byte(generationKey)); err != nil {
		return fmt.Errorf("changing the generation of the rate limits: %w", err)
	}
	return nil
}

// Generation returns a number that differs after each Lift. It is zero before the first, and
// after a crash of the server. Errors: internal ones.
func (s *DatabaseStore) Generation(ctx context.Context) (generation int64, err error) {
	err = s.pool.QueryRowContext(ctx, "SELECT value FROM rate_limits WHERE key = $1", []byte(generationKey)).Scan(&generation)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return generation, err
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

// lostRace reports whether another transaction changed a count first. A strict default
// isolation of the database reports that as a serialization failure.
func lostRace(err error) bool {
	var state interface{ SQLState() string }
	return errors.As(err, &state) && (state.SQLState() == "40001" || state.SQLState() == "40P01")
}
