package contract

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// work runs a unit of work: Do or DoSerializable.
type work func(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error

// unitTests run everything both by Do and by DoSerializable.
func unitTests() []storeTest {
	var tests []storeTest
	for _, way := range []struct {
		name string
		of   func(s store) work
	}{
		{"Do", func(s store) work { return s.Work.Do }},
		{"DoSerializable", func(s store) work { return s.Work.DoSerializable }},
	} {
		for _, test := range []struct {
			name string
			run  func(t *testing.T, s store, do work)
		}{
			{"CommitsOnNil", unitCommits},
			{"SeesItsOwnWrites", unitSeesItself},
			{"RollsBackOnError", unitRollsBack},
			{"RollsBackOnPanicAndPanicsAgain", unitPanics},
			{"RollsBackARefusedWrite", unitRefusedWrite},
			{"CommitsWritesThatCarryARefusal", unitRefusalCommits},
			{"RunsAgainAfterAConflict", unitReruns},
			{"RunsAgainAfterAStaleSave", unitStaleSave},
			{"GivesUpOnEndlessConflicts", unitGivesUp},
		} {
			tests = append(tests, storeTest{way.name + "_" + test.name, func(t *testing.T, s store) { test.run(t, s, way.of(s)) }})
		}
	}
	return append(tests, storeTest{"Do_IsNeverSeenHalfDone", unitAtomic})
}

// addedSession adds a session.
func addedSession(ctx context.Context, r ports.Repositories, session *domain.Session) error {
	_, err := r.Sessions.Add(ctx, session, 1000)
	return err
}

// writeAll writes through every repository.
func writeAll(t testing.TB, ctx context.Context, r ports.Repositories, u *domain.User) error {
	return errors.Join(
		r.Users.Add(ctx, u),
		addedSession(ctx, r, newSession(t, u, start)),
		r.Tokens.Add(ctx, newToken(t, domain.MailVerifyEmail, u)),
		r.Audit.Append(ctx, newEvent(u.ID())),
		r.Jobs.Enqueue(ctx, newJob(u.ID())),
	)
}

// requireAbsent demands that no write of writeAll is stored.
func (s store) requireAbsent(t testing.TB, u *domain.User) {
	t.Helper()
	_, err := s.Repositories.Users.ByID(t.Context(), u.ID())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	_, err = s.Repositories.Users.ByEmail(t.Context(), u.Email())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	live, err := s.Repositories.Sessions.LiveByUser(t.Context(), u.ID(), u.SessionEpoch(), start)
	require.NoError(t, err)
	require.Empty(t, live)
	require.Empty(t, s.events(t, ports.AuditQuery{Limit: 10, SubjectID: u.ID()}))
	require.NotContains(t, s.Enqueued(t), newJob(u.ID()))
}

// requirePresent demands that every write of writeAll is stored once.
func (s store) requirePresent(t testing.TB, u *domain.User) {
	t.Helper()
	require.Equal(t, u.Snapshot(), s.user(t, u.ID()).Snapshot())
	live, err := s.Repositories.Sessions.LiveByUser(t.Context(), u.ID(), u.SessionEpoch(), start)
	require.NoError(t, err)
	require.Len(t, live, 1)
	require.Len(t, s.events(t, ports.AuditQuery{Limit: 10, SubjectID: u.ID()}), 1)
	require.Equal(t, []ports.MailJob{newJob(u.ID())}, s.Enqueued(t))
}

func unitCommits(t *testing.T, s store, do work) {
	u := newUser(t, "ada@example.com")
	require.NoError(t, do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		return writeAll(t, ctx, r, u)
	}))
	s.requirePresent(t, u)
}

func unitSeesItself(t *testing.T, s store, do work) {
	before := s.addUser(t, "before@example.com")
	require.NoError(t, do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		u := newUser(t, "ada@example.com", admin)
		if err := writeAll(t, ctx, r, u); err != nil {
			return err
		}
		loaded, err := r.Users.ByEmail(ctx, u.Email())
		if err != nil {
			return err
		}
		assert.Equal(t, u.Snapshot(), loaded.Snapshot())
		loaded.VerifyEmail(start)
		if err := r.Users.Save(ctx, loaded); err != nil {
			return err
		}
		if loaded, err = r.Users.ByID(ctx, u.ID()); err != nil {
			return err
		}
		assert.Equal(t, int64(2), loaded.Snapshot().Version)
		other, err := r.Users.HasOtherAdmin(ctx, before.ID())
		assert.True(t, other)
		if err != nil {
			return err
		}
		old, err := r.Users.ByID(ctx, before.ID())
		if err != nil {
			return err
		}
		return r.Users.Delete(ctx, old)
	}))
	_, err := s.Repositories.Users.ByID(t.Context(), before.ID())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

func unitRollsBack(t *testing.T, s store, do work) {
	kept, changed := s.addUser(t, "kept@example.com"), s.addUser(t, "changed@example.com")
	session, token := s.addSession(t, kept, start), s.addToken(t, domain.MailInvitation, kept)
	u := newUser(t, "ada@example.com")
	for _, reason := range []error{errors.New("no domain error"), domain.ErrLastAdmin.WithDetail("Not today.")} {
		runs := 0
		err := do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			runs++
			edited := s.detached(t, changed)
			edited.ChangeEmail(email(t, "moved@example.com"), start)
			if err := errors.Join(
				writeAll(t, ctx, r, u),
				r.Users.Save(ctx, edited),
				r.Users.Delete(ctx, kept),
			); err != nil {
				return err
			}
			return reason
		})
		require.ErrorIs(t, err, reason)
		require.Equal(t, reason.Error(), err.Error(), "the error is returned unchanged")
		require.Equal(t, 1, runs)
		s.requireAbsent(t, u)
		assert.Equal(t, kept.Snapshot(), s.user(t, kept.ID()).Snapshot())
		assert.Equal(t, changed.Snapshot(), s.user(t, changed.ID()).Snapshot())
		assert.Equal(t, session.Snapshot(), s.session(t, session.ID()).Snapshot())
		assert.Equal(t, token.Snapshot(), s.token(t, domain.UseSetPassword, token.ID()).Snapshot())
		_, err = s.Repositories.Users.ByEmail(t.Context(), email(t, "moved@example.com"))
		require.ErrorIs(t, err, domain.ErrUserNotFound)
	}
}

// detached returns another aggregate with the same state.
func (s store) detached(t testing.TB, u *domain.User) *domain.User {
	t.Helper()
	again, err := domain.RestoreUser(u.Snapshot())
	require.NoError(t, err)
	return again
}

func unitPanics(t *testing.T, s store, do work) {
	u := newUser(t, "ada@example.com")
	require.PanicsWithValue(t, "out of order", func() {
		_ = do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			assert.NoError(t, writeAll(t, ctx, r, u))
			panic("out of order")
		})
	})
	s.requireAbsent(t, u)
	require.NoError(t, do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		return writeAll(t, ctx, r, u)
	}), "the store still works")
	s.requirePresent(t, u)
}

func unitRefusedWrite(t *testing.T, s store, do work) {
	s.addUser(t, "taken@example.com")
	u := newUser(t, "ada@example.com")
	for want, refused := range map[error]func(ctx context.Context, r ports.Repositories) error{
		domain.ErrEmailTaken: func(ctx context.Context, r ports.Repositories) error {
			return r.Users.Add(ctx, newUser(t, "taken@example.com"))
		},
		domain.ErrUserNotFound: func(ctx context.Context, r ports.Repositories) error {
			return addedSession(ctx, r, newSession(t, newUser(t, "nobody@example.com"), start))
		},
	} {
		err := do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			if err := writeAll(t, ctx, r, u); err != nil {
				return err
			}
			return refused(ctx, r)
		})
		require.ErrorIs(t, err, want)
		s.requireAbsent(t, u)
	}
}
