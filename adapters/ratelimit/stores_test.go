package ratelimit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/redistest"
)

func TestDatabaseStore_HoldsNoAddressAndForgets(t *testing.T) {
	t.Parallel()
	pool := connect(t, postgrestest.NewDatabaseFrom(t, migrate))
	store := NewDatabaseStore(pool)
	l := newLimiter(t, Options{Quotas: quotasOf(domain.Quota{Events: 1, Per: time.Hour}), Store: store, Timeout: patient})
	for range 2 {
		l.Take(t.Context(), ports.Count{Limit: ports.LimitMailRecipient, Key: "ada@example.com"})
	}
	text := func(query string) (s string) {
		require.NoError(t, pool.QueryRowContext(t.Context(), query).Scan(&s))
		return s
	}
	rows := text("SELECT string_agg(encode(key, 'escape') || length(key) || r::text, ' ') FROM rate_limits r")
	assert.NotContains(t, rows, "ada")
	assert.NotContains(t, rows, "mail")
	assert.Equal(t, "2", text("SELECT count(*) FROM rate_limits WHERE length(key) = 32"))
	assert.Equal(t, "u", text("SELECT relpersistence FROM pg_class WHERE relname = 'rate_limits'"))

	_, err := pool.ExecContext(t.Context(), `
		INSERT INTO rate_limits SELECT decode(lpad(to_hex(i), 8, '0'), 'hex'), 1, now() - interval '1 second' FROM generate_series(1, 250) i`)
	require.NoError(t, err)
	for _, want := range []int{100, 100, 50, 0} {
		deleted, err := l.DeleteExpired(t.Context(), 100)
		require.NoError(t, err)
		assert.Equal(t, want, deleted)
	}
	assert.Equal(t, "2", text("SELECT count(*) FROM rate_limits"), "live counts stay")
}

// R-22, V-25: a count of another quota, of a clock that was ahead or of an expired row
// neither blocks for longer than the limit allows nor admits more than a burst.
func TestDatabaseStore_CutsImpossibleCounts(t *testing.T) {
	t.Parallel()
	pool := connect(t, postgrestest.NewDatabaseFrom(t, migrate))
	store := NewDatabaseStore(pool)
	for key, row := range map[string]string{
		"expired": "7, now() - interval '1 second'",
		"stale":   "(extract(epoch FROM now() - interval '1 day') * 1000000000)::bigint, now() + interval '1 day'",
		"ahead":   "(extract(epoch FROM now() + interval '1 day') * 1000000000)::bigint, now() + interval '1 day'",
	} {
		_, err := pool.ExecContext(t.Context(), "INSERT INTO rate_limits VALUES ($1, "+row+")", []byte(key)) //nolint:gosec // the rows above
		require.NoError(t, err)
		event := Event{key, domain.Quota{Events: 2, Per: time.Hour}}
		admitted := 0
		for range 4 {
			refusal, err := store.Take(t.Context(), event)
			require.NoError(t, err)
			if !refusal.Refused {
				admitted++
				continue
			}
			assert.LessOrEqual(t, refusal.RetryAfter, 30*time.Minute, key)
			assert.Greater(t, refusal.RetryAfter, 29*time.Minute, key)
		}
		assert.Equal(t, map[string]int{"expired": 2, "stale": 2, "ahead": 0}[key], admitted, key)
	}
	var life float64
	require.NoError(t, pool.QueryRowContext(t.Context(), "SELECT max(extract(epoch FROM expires_at - now())) FROM rate_limits").Scan(&life))
	assert.InDelta(t, 3601, life, 60, "the row of a cut count lives as long as it matters")
}

// V-25: the loser of a race must not cut the life of a count that has grown, and
// no count ends early.
func TestV25_RedisStore_CountsLiveAsLongAsTheyMatter(t *testing.T) {
	t.Parallel()
	store := openRedis(t, domain.NewSecret(redistest.NewDatabase(t)))
	set, err := store.store.SetIfNotExistsWithTTL(t.Context(), "key", 1, time.Hour)
	require.NoError(t, err)
	require.True(t, set)
	set, err = store.store.SetIfNotExistsWithTTL(t.Context(), "key", 2, time.Second)
	require.NoError(t, err)
	assert.False(t, set)
	life := store.client.PTTL(t.Context(), redisPrefix+"key").Val()
	assert.Greater(t, life, 30*time.Minute)

	_, before, err := store.store.GetWithTime(t.Context(), "key")
	require.NoError(t, err)
	const ttl = time.Hour - time.Millisecond
	swapped, err := store.store.CompareAndSwapWithTTL(t.Context(), "key", 1, 3, ttl)
	require.NoError(t, err)
	require.True(t, swapped)
	ends := store.client.PExpireTime(t.Context(), redisPrefix+"key").Val()
	assert.GreaterOrEqual(t, ends, time.Duration(before.UnixNano())+ttl, "no count ends early")
}

func TestCheckRedisURL_NeverRepeatsThePassword(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"redis://localhost", "redis://:hunter2secret@localhost:6379/3", "rediss://user:hunter2secret@cache.example.com:6380/0"} {
		assert.NoError(t, CheckRedisURL(domain.NewSecret(good)), good)
	}
	for _, bad := range []string{"", "localhost:6379", "http://hunter2secret@localhost", "redis://:hunter2secret@localhost/x", "redis://:hunter2secret%@localhost", "redis://:hunter2secret@localhost?unknown=hunter2secret",
		"redis:6379", "redis://:12#hunter2secret@localhost/0", "redis://:12/hunter2secret@localhost/0", "redis://:12?hunter2secret@localhost/0", "redis://:hunter2secret@localhost/0#x",
	} {
		err := CheckRedisURL(domain.NewSecret(bad))
		require.Error(t, err, bad)
		assert.NotContains(t, err.Error(), "hunter2secret")
		_, err = OpenRedis(domain.NewSecret(bad))
		require.Error(t, err, bad)
	}
}
