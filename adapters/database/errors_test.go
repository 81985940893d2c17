package database_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// T-16: text that PostgreSQL refuses matches no user, or is cleaned before it is
// stored.
func TestText_UnstorableTextIsNotAnError(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			ctx, r := t.Context(), f.Repositories()
			user := addUser(t, f, "ada@example.com")
			for _, bad := range []string{"a\x00da@example.com", "ada\xff@example.com", "\xed\xa0\x80@example.com"} {
				page, err := r.Users.List(ctx, ports.UserQuery{Limit: 10, Order: ports.EmailUp, EmailPrefix: bad})
				require.NoError(t, err)
				assert.Empty(t, page.Rows)

				s := user.Snapshot()
				s.Email = bad
				stranger, err := domain.RestoreUser(s)
				require.NoError(t, err)
				_, err = r.Users.ByEmail(ctx, stranger.Email())
				require.ErrorIs(t, err, domain.ErrUserNotFound)

				session := domain.StartSession(newID(), user, domain.Proofs{domain.ProofByPassword(start)}, domain.Client{}, lives, start).Snapshot()
				session.UserAgent = "Browser/" + bad
				restored, err := domain.RestoreSession(session)
				require.NoError(t, err)
				added, err := r.Sessions.Add(ctx, restored, 1000)
				require.NoError(t, err)
				require.True(t, added)
				stored, _, err := r.Sessions.WithUser(ctx, restored.ID())
				require.NoError(t, err)
				assert.Contains(t, stored.Client().UserAgent, "@example.com")
			}
		})
	}
}

// while the server is away every call returns unavailable, and calls
// succeed again when it is back.
func TestPostgreSQL_AnOutageIsUnavailableAndPasses(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	user := addUser(t, f, "ada@example.com")
	name := f.strings(t, "SELECT current_database()")[0]
	admin := open(t, postgrestest.NewDatabase(t), database.Options{})
	execute := func(sql string) {
		_, err := admin.db.SQL().ExecContext(t.Context(), sql)
		require.NoError(t, err)
	}
	execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false")
	execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'")
	r := f.Repositories()
	_, err := r.Users.ByID(t.Context(), user.ID())
	require.ErrorIs(t, err, domain.ErrUnavailable)
	require.ErrorIs(t, r.Users.Add(t.Context(), newUser(t, "bob@example.com")), domain.ErrUnavailable)
	require.ErrorIs(t, r.Jobs.Enqueue(t.Context(), ports.MailJob{}), domain.ErrUnavailable)
	require.ErrorIs(t, f.Do(t.Context(), func(context.Context, ports.Repositories) error { return nil }), domain.ErrUnavailable)
	require.ErrorIs(t, f.db.Ping(t.Context()), domain.ErrUnavailable)

	execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true")
	require.NoError(t, f.db.Ping(t.Context()))
	_, err = r.Users.ByID(t.Context(), user.ID())
	require.NoError(t, err)
}

func TestPostgreSQL_AStandbyReadsAndIsUnavailableForWrites(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	session := addSession(t, f, addUser(t, f, "ada@example.com"))
	standby := open(t, f.url+"&default_transaction_read_only=on", database.Options{}).Repositories()
	loaded, user, err := standby.Sessions.WithUser(t.Context(), session.ID())
	require.NoError(t, err)
	require.ErrorIs(t, standby.Users.Save(t.Context(), user), domain.ErrUnavailable)
	require.ErrorIs(t, standby.Jobs.Enqueue(t.Context(), ports.MailJob{}), domain.ErrUnavailable)
	require.ErrorIs(t, standby.Sessions.Save(t.Context(), loaded), domain.ErrUnavailable)
}

func TestPostgreSQL_AStatementTimeoutIsUnavailable(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	user := addUser(t, f, "ada@example.com")
	hasty := open(t, f.url+"&statement_timeout=20", database.Options{})
	require.NoError(t, f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		held, err := r.Users.ByID(ctx, user.ID())
		require.NoError(t, err)
		require.NoError(t, r.Users.Save(ctx, held))
		require.ErrorIs(t, hasty.Repositories().Users.Save(t.Context(), user), domain.ErrUnavailable)
		return nil
	}))
}

// T-11, S-46: a failing statement is logged with its text, never with its values.
func TestLog_ShowsUnexpectedErrorsWithoutValues(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			var log bytes.Buffer
			noisy := open(t, f.url, database.Options{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
			r := noisy.Repositories()
			user := newUser(t, "ada@example.com")
			require.NoError(t, r.Users.Add(t.Context(), user))
			_, err := r.Users.ByID(t.Context(), newID())
			require.ErrorIs(t, err, domain.ErrUserNotFound)
			require.ErrorIs(t, r.Users.Add(t.Context(), newUser(t, "ada@example.com")), domain.ErrEmailTaken)
			stale := user.Snapshot()
			stale.Version = 7
			gone, err := domain.RestoreUser(stale)
			require.NoError(t, err)
			require.ErrorIs(t, r.Users.Save(t.Context(), gone), domain.ErrConflict)
			assert.Empty(t, log.String(), "refusals are not logged")

			_, err = f.db.SQL().ExecContext(t.Context(), "ALTER TABLE users RENAME TO elsewhere")
			require.NoError(t, err)
			err = r.Users.Add(t.Context(), newUser(t, "bob@example.com"))
			require.Error(t, err)
			require.NotErrorIs(t, err, domain.ErrUnavailable)
			assert.Contains(t, log.String(), "a statement failed")
			assert.Contains(t, log.String(), "INSERT INTO")
			assert.NotContains(t, log.String(), "bob@example.com")
			assert.NotContains(t, log.String(), "hash of")
		})
	}
}

func TestTimes_AreReadAsUTCInEveryZoneOfTheServer(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			user := addUser(t, f, "ada@example.com")
			found, err := f.Repositories().Users.List(t.Context(), ports.UserQuery{
				Limit: 10, Order: ports.NewestFirst,
				CreatedAfter: start.Add(-time.Microsecond), CreatedBefore: start.Add(time.Microsecond),
			})
			require.NoError(t, err)
			require.Len(t, found.Rows, 1)
			assert.Equal(t, user.Snapshot(), found.Rows[0].Snapshot())
		})
	}
}
