package database_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestUnit_InsideOfAnotherFailsAtOnce(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			outside := f.Repositories()
			err := f.Do(t.Context(), func(ctx context.Context, _ ports.Repositories) error {
				require.ErrorContains(t, f.Do(ctx, func(context.Context, ports.Repositories) error { return nil }), "inside another")
				return outside.Users.Add(ctx, newUser(t, "ada@example.com"))
			})
			require.ErrorContains(t, err, "its own repositories")
		})
	}
}

func TestUnit_ARepositoryKeptBeyondItsEndFails(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			var kept ports.Repositories
			require.NoError(t, f.Do(t.Context(), func(_ context.Context, r ports.Repositories) error {
				kept = r
				return nil
			}))
			require.ErrorIs(t, kept.Users.Add(t.Context(), newUser(t, "ada@example.com")), sql.ErrTxDone)
		})
	}
}

// A write that waits for another one ends at its deadline, as unavailable. The database
// still works.
func TestWrite_HeedsTheDeadlineWhileItWaits(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			user := addUser(t, f, "ada@example.com")
			waiting, release := make(chan struct{}), make(chan struct{})
			holder := make(chan error, 1)
			go func() {
				holder <- f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
					held, err := r.Users.ByID(ctx, user.ID())
					if err == nil {
						held.VerifyEmail(start)
						err = r.Users.Save(ctx, held)
					}
					close(waiting)
					<-release
					return err
				})
			}()
			<-waiting
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			user.ChangeRole(domain.RoleAdmin, start)
			err := f.Repositories().Users.Save(ctx, user)
			require.ErrorIs(t, err, domain.ErrUnavailable)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			err = f.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error { return r.Users.Save(ctx, user) })
			require.ErrorIs(t, err, domain.ErrUnavailable)
			close(release)
			require.NoError(t, <-holder)

			now, err := f.Repositories().Users.ByID(t.Context(), user.ID())
			require.NoError(t, err)
			assert.True(t, now.EmailVerified())
			assert.Equal(t, domain.RoleUser, now.Role())
		})
	}
}

func TestCancelled_StaysItself(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			for _, err := range []error{
				f.Repositories().Users.Add(ctx, newUser(t, "ada@example.com")),
				f.Do(ctx, func(context.Context, ports.Repositories) error { return nil }),
				f.db.Ping(ctx),
			} {
				require.ErrorIs(t, err, context.Canceled)
				assert.NotErrorIs(t, err, domain.ErrUnavailable)
			}
		})
	}
}

// brokenCommit is a queue whose jobs make the commit fail, by a foreign key that
// is checked late.
type brokenCommit struct{ *tableQueue }

func (brokenCommit) InTx(tx *sql.Tx) ports.Jobs { return brokenTx{tx} }

type brokenTx struct{ tx *sql.Tx }

func (b brokenTx) Enqueue(ctx context.Context, _ ports.MailJob) error {
	_, err := b.tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS late
		(user_id text REFERENCES users_text (id) DEFERRABLE INITIALLY DEFERRED)`)
	if err == nil {
		_, err = b.tx.ExecContext(ctx, "INSERT INTO late VALUES ('nobody')")
	}
	return err
}

func TestUnit_AFailedCommitLeavesTheConnectionUsable(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			_, err := f.db.SQL().ExecContext(t.Context(), "CREATE TABLE users_text (id text PRIMARY KEY)")
			require.NoError(t, err)
			broken := database.NewStores(f.db, brokenCommit{f.queue}, hashOf)
			user := newUser(t, "ada@example.com")
			require.Error(t, broken.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				return errors.Join(r.Users.Add(ctx, user), r.Jobs.Enqueue(ctx, ports.MailJob{}))
			}))
			_, err = f.Repositories().Users.ByID(t.Context(), user.ID())
			require.ErrorIs(t, err, domain.ErrUserNotFound)
			for range 3 {
				require.NoError(t, f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
					_, err := r.Users.HasOtherAdmin(ctx, user.ID())
					return err
				}))
			}
			addUser(t, f, "ada@example.com")
		})
	}
}

// A caller that waits for the one writing connection never gets it with another
// caller's transaction still open.
func TestSQLite_AFailedCommitIsUndoneBeforeTheNextTurn(t *testing.T) {
	t.Parallel()
	f := newSQLite(t)
	_, err := f.db.SQL().ExecContext(t.Context(), "CREATE TABLE users_text (id text PRIMARY KEY)")
	require.NoError(t, err)
	broken := database.NewStores(f.db, brokenCommit{f.queue}, hashOf)
	bob, next := newUser(t, "bob@example.com"), make(chan error, 1)
	require.Error(t, broken.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		waiting := f.db.SQL().Stats().WaitCount
		go func() {
			next <- f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				return r.Users.Add(ctx, bob)
			})
		}()
		assert.Eventually(t, func() bool { return f.db.SQL().Stats().WaitCount > waiting }, 10*time.Second, time.Millisecond)
		return errors.Join(r.Users.Add(ctx, newUser(t, "ada@example.com")), r.Jobs.Enqueue(ctx, ports.MailJob{}))
	}))
	require.NoError(t, <-next)
	assert.Equal(t, []string{"bob@example.com"}, f.strings(t, "SELECT email FROM users"))
}
