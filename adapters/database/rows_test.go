package database_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// a release that knows passwords only inserts sessions without a time of
// the sign-in, also while this one runs.
func TestSessions_OfOlderReleasesBeganWithAPasswordWhenTheyWereCreated(t *testing.T) {
	t.Parallel()
	const layout = "2006-01-02T15:04:05.000000Z"
	for dialect, factory := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := factory(t)
			user, id := addUser(t, f, "ada@example.com"), domain.SessionID(newID())
			_, err := f.db.SQL().ExecContext(t.Context(), `INSERT INTO user_sessions
				(id, user_id, epoch, generation, rotated_at, created_at, last_seen_at, expires_at, absolute_expires_at, version)
				VALUES ($1, $2, 1, 1, $3, $3, $3, $4, $4, 1)`,
				id.String(), user.ID().String(), start.Format(layout), start.Add(time.Hour).Format(layout))
			require.NoError(t, err)

			r := f.Repositories()
			found, _, err := r.Sessions.WithUser(t.Context(), id)
			require.NoError(t, err)
			all, err := r.Sessions.ByUser(t.Context(), user.ID())
			require.NoError(t, err)
			live, err := r.Sessions.LiveByUser(t.Context(), user.ID(), 1, start)
			require.NoError(t, err)
			for _, session := range append(append(all, live...), found) {
				assert.Equal(t, []domain.Method{domain.MethodPassword}, session.Methods())
				assert.Equal(t, start, session.AuthenticatedAt())
			}
			assert.Len(t, all, 1)
			assert.Len(t, live, 1)
		})
	}
}

// A refresh writes no index of PostgreSQL: the new version of the row stays in the page of the
// old one (HOT), because no index covers a column that a refresh changes.
func TestSaveSession_OfARefreshWritesNoIndex(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	session := f.signedIn(t)
	const refreshes = 10
	for n := range refreshes {
		session, user, err := f.Repositories().Sessions.WithUser(t.Context(), session.ID())
		require.NoError(t, err)
		at := session.RotatedAt().Add(time.Duration(n+1) * time.Minute)
		_, err = session.Refresh(session.Generation(), domain.Client{IP: "192.0.2.1", UserAgent: "a browser"}, user.SessionEpoch(), lives, at)
		require.NoError(t, err)
		require.NoError(t, f.Repositories().Sessions.Save(t.Context(), session))
	}
	var updates, hot int
	program.Eventually(t, "PostgreSQL has counted the refreshes", func() bool {
		_, err := f.db.SQL().ExecContext(t.Context(), "SELECT pg_stat_force_next_flush()")
		require.NoError(t, err)
		require.NoError(t, f.db.SQL().QueryRowContext(t.Context(),
			"SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'user_sessions'").Scan(&updates, &hot))
		return updates == refreshes
	})
	assert.Equal(t, updates, hot)
}
