package database_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
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
