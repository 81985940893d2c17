package database_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// signedIn stores a user with a session.
func (f fixture) signedIn(t testing.TB) *domain.Session {
	t.Helper()
	email, err := domain.ParseEmail("ada@example.com")
	require.NoError(t, err)
	now := time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)
	user := domain.NewUser(newID(), email, domain.PasswordHash{}, domain.RoleUser, now)
	require.NoError(t, f.Repositories().Users.Add(t.Context(), user))
	session := domain.StartSession(newID(), user, domain.Proofs{domain.ProofByPassword(now)}, domain.Client{}, lives, now)
	added, err := f.Repositories().Sessions.Add(t.Context(), session, 1000)
	require.NoError(t, err)
	require.True(t, added)
	return session
}

// seen reports whether a session is marked as seen.
func (f fixture) seen(t testing.TB, id domain.SessionID) bool {
	t.Helper()
	session, _, err := f.Repositories().Sessions.WithUser(t.Context(), id)
	require.NoError(t, err)
	return session.Snapshot().Seen
}

// A stop loses no mark, and a mark that comes after the stop is dropped.
func TestSightings_CloseStoresTheMarksThatWait(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			session, sightings := f.signedIn(t), f.sightings(t)
			sightings.NoteSeen(session.ID(), 1)
			sightings.Close()
			assert.True(t, f.seen(t, session.ID()))
			sightings.NoteSeen(session.ID(), 2)
			sightings.Close()
		})
	}
}

// F-H1: while the database refuses writes, marks wait.
func TestSightings_FailedMarksAreTriedAgain(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			session := f.signedIn(t)
			rename := func(from, to string) {
				_, err := f.db.SQL().ExecContext(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to)
				require.NoError(t, err)
			}
			logs := &program.Output{}
			sightings := database.NewSightings(f.db, slog.New(slog.NewTextHandler(logs, nil)))
			t.Cleanup(sightings.Close)
			rename("user_sessions", "hidden")
			sightings.NoteSeen(session.ID(), 1)
			require.Eventually(t, func() bool { return strings.Contains(logs.String(), "cannot be stored yet") }, 10*time.Second, 5*time.Millisecond)
			rename("hidden", "user_sessions")
			require.Eventually(t, func() bool { return f.seen(t, session.ID()) }, 10*time.Second, 5*time.Millisecond)
			require.Eventually(t, func() bool { return strings.Contains(logs.String(), "are stored again") }, 10*time.Second, 5*time.Millisecond)
		})
	}
}
