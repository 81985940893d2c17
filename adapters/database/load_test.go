package database_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
)

func TestActiveSessions_OmitsExpiredAndRevokedOnes(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			user := addUser(t, f, "ada@example.com")
			var all []*domain.Session
			for range 4 {
				all = append(all, addSession(t, f, user))
			}
			now := all[0].CreatedAt()
			all[1].Revoke(domain.RevokedByLogout, now)
			require.NoError(t, f.Repositories().Sessions.Save(t.Context(), all[1]))
			count := func(at time.Time) int64 {
				n, err := f.db.ActiveSessions(t.Context(), at)
				require.NoError(t, err)
				return n
			}
			assert.EqualValues(t, 3, count(now))
			assert.EqualValues(t, 3, count(all[0].Snapshot().ExpiresAt.Add(-time.Second)))
			assert.EqualValues(t, 0, count(all[3].Snapshot().ExpiresAt.Add(time.Second)))

			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := f.db.ActiveSessions(ctx, now)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}

// A large table is estimated from a sample of its pages.
func TestActiveSessions_OfALargeTableReadsASample(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	user := addUser(t, f, "ada@example.com")
	const sessions = 30_000
	// With a fillfactor of 10, few rows fill many pages.
	_, err := f.db.SQL().ExecContext(t.Context(), "ALTER TABLE user_sessions SET (fillfactor = 10)")
	require.NoError(t, err)
	_, err = f.db.SQL().ExecContext(t.Context(), fmt.Sprintf(`INSERT INTO user_sessions
		(id, user_id, epoch, generation, rotated_at, created_at, last_seen_at, expires_at, absolute_expires_at, user_agent, version)
		SELECT gen_random_uuid(), '%s', 1, 1, t, t, t, t + (n %% 2) * interval '2 days', t, repeat('x', 512), 1
		FROM generate_series(1, %d) AS n, (SELECT timestamptz '2026-01-01 UTC' AS t) AS at`, user.ID(), sessions))
	require.NoError(t, err)
	var count int64
	sent := statements(t, func() {
		count, err = f.db.ActiveSessions(t.Context(), time.Date(2026, time.January, 2, 0, 0, 0, 0, time.UTC))
		require.NoError(t, err)
	}, f.db.GORM())
	assert.InEpsilon(t, sessions/2, count, 0.1)
	require.Len(t, sent, 2)
	for text, vars := range sent {
		if strings.Contains(text, "TABLESAMPLE") {
			assert.Contains(t, explain(t, f, "EXPLAIN ", text, vars), "Sample Scan on user_sessions")
		}
	}
	assert.Regexp(t, `TABLESAMPLE SYSTEM \([0-9]{2}\.[0-9]+\)`, fmt.Sprint(sent))
}

func TestPools_AreNamedByTheirPurpose(t *testing.T) {
	t.Parallel()
	postgres, sqlite := newPostgreSQL(t).db, newSQLite(t).db
	assert.Len(t, postgres.Pools(), 1)
	assert.Same(t, postgres.SQL(), postgres.Pools()["requests"])
	assert.Same(t, postgres.SQL(), postgres.ReadSQL())
	assert.Len(t, sqlite.Pools(), 2)
	assert.Same(t, sqlite.SQL(), sqlite.Pools()["writer"])
	assert.Same(t, sqlite.ReadSQL(), sqlite.Pools()["reader"])
	assert.NotSame(t, sqlite.SQL(), sqlite.ReadSQL())
}

// BenchmarkActiveSessions measures the count behind a metric, with a million
// sessions of which two percent were revoked.
func BenchmarkActiveSessions(b *testing.B) {
	const sessions = 1_000_000
	random := map[database.Dialect]string{database.PostgreSQL: "gen_random_uuid()", database.SQLite: sqliteUUID}
	at := map[database.Dialect]string{
		database.PostgreSQL: "timestamptz '2026-01-01 UTC' + n * interval '1 second'",
		database.SQLite:     "strftime('%Y-%m-%dT%H:%M:%S', '2026-01-01', n || ' seconds') || '.000000Z'",
	}
	for dialect, fresh := range dialects {
		b.Run(string(dialect), func(b *testing.B) {
			f := fresh(b)
			user := addUser(b, f, "ada@example.com")
			const batch = sessions / 20
			for first := 1; first < sessions; first += batch {
				_, err := f.db.SQL().ExecContext(b.Context(), fmt.Sprintf(`WITH RECURSIVE numbers(n) AS (SELECT %d UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
					INSERT INTO user_sessions (id, user_id, epoch, generation, rotated_at, created_at, last_seen_at, expires_at, absolute_expires_at,
					 revoked_at, revoke_reason, client_ip, user_agent, version)
					SELECT %s, '%s', 1, 1, %[5]s, %[5]s, %[5]s, %[5]s, %[5]s, CASE WHEN n %% 50 = 0 THEN %[5]s END,
					 CASE WHEN n %% 50 = 0 THEN 'logout' ELSE '' END, '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 1
					FROM numbers`, first, first+batch-1, random[dialect], user.ID(), at[dialect]))
				require.NoError(b, err)
			}
			_, err := f.db.SQL().ExecContext(b.Context(), "ANALYZE")
			require.NoError(b, err)
			for b.Loop() {
				count, err := f.db.ActiveSessions(b.Context(), time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))
				require.NoError(b, err)
				require.EqualValues(b, sessions-sessions/50, count)
			}
		})
	}
}

// sqliteUUID makes a random UUID in SQLite.
const sqliteUUID = `lower(substr(hex(randomblob(4)), 1, 8) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`
