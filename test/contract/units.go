package contract

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// work is either way of running a unit.
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
			{"RollsBackOnPanicAndLetsItPass", unitPanics},
			{"RollsBackARefusedWrite", unitRefusedWrite},
			{"KeepsWhatWasWrittenWhileRefusing", unitRefusalCommits},
			{"RunsAgainAfterAConflict", unitReruns},
			{"RunsAgainAfterAStaleSave", unitStaleSave},
			{"GivesUpOnEndlessConflicts", unitGivesUp},
		} {
			tests = append(tests, storeTest{way.name + "_" + test.name, func(t *testing.T, s store) { test.run(t, s, way.of(s)) }})
		}
	}
	return append(tests, storeTest{"Do_IsNeverSeenHalfDone", unitAtomic})
}

// writeAll writes through every repository.
func writeAll(t testing.TB, ctx context.Context, r ports.Repositories, u *domain.User) error {
	return errors.Join(
		r.Users.Add(ctx, u),
		r.Sessions.Add(ctx, newSession(t, u, start)),
		r.Tokens.Add(ctx, newToken(t, domain.PurposeVerifyEmail, u)),
		r.Jobs.Enqueue(ctx, newJob(u.ID())),
	)
}

// requireAbsent demands that nothing writeAll wrote is there.
func (s store) requireAbsent(t testing.TB, u *domain.User) {
	t.Helper()
	_, err := s.Repositories.Users.ByID(t.Context(), u.ID())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	_, err = s.Repositories.Users.ByEmail(t.Context(), u.Email())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	live, err := s.Repositories.Sessions.LiveByUser(t.Context(), u.ID(), u.SessionEpoch(), start)
	require.NoError(t, err)
	require.Empty(t, live)
	require.NotContains(t, s.Enqueued(t), newJob(u.ID()))
}

// requirePresent demands that everything writeAll wrote is there once.
func (s store) requirePresent(t testing.TB, u *domain.User) {
	t.Helper()
	require.Equal(t, u.Snapshot(), s.user(t, u.ID()).Snapshot())
	live, err := s.Repositories.Sessions.LiveByUser(t.Context(), u.ID(), u.SessionEpoch(), start)
	require.NoError(t, err)
	require.Len(t, live, 1)
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
		other, err := r.Users.HasOtherActiveAdmin(ctx, before.ID())
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
	session, token := s.addSession(t, kept, start), s.addToken(t, domain.PurposeInvitation, kept)
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
		require.Equal(t, reason.Error(), err.Error(), "the error comes back untouched")
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

// detached returns another aggregate of the same state.
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
	}), "the store works on")
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
			return r.Sessions.Add(ctx, newSession(t, newUser(t, "nobody@example.com"), start))
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

// V-04: the revocation survives although the caller gets an error.
func unitRefusalCommits(t *testing.T, s store, do work) {
	u := s.addUser(t, "ada@example.com")
	session := s.addSession(t, u, start, func(s *domain.SessionSnapshot) { s.Generation = 3 })
	later := start.Add(time.Hour)
	var verdict error
	require.NoError(t, do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		loaded, user, err := r.Sessions.WithUser(ctx, session.ID())
		if err != nil {
			return err
		}
		outcome, err := loaded.Refresh(1, user.SessionEpoch(), limits, later)
		if err != nil {
			return err
		}
		assert.Equal(t, domain.RefreshReused, outcome)
		verdict = domain.ErrRefreshTokenReused
		return errors.Join(r.Sessions.Save(ctx, loaded), r.Jobs.Enqueue(ctx, newJob(u.ID())))
	}))
	require.ErrorIs(t, verdict, domain.ErrRefreshTokenReused)
	assert.Equal(t, domain.SessionRevoked, s.session(t, session.ID()).State(u.SessionEpoch(), later))
	assert.Equal(t, []ports.MailJob{newJob(u.ID())}, s.Enqueued(t))
}

func unitReruns(t *testing.T, s store, do work) {
	u := newUser(t, "ada@example.com")
	runs := 0
	require.NoError(t, do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if runs++; runs < 3 {
			assert.NoError(t, writeAll(t, ctx, r, newUser(t, "ada@example.com")))
			return domain.ErrConflict.WithDetail("Somebody was faster.")
		}
		return writeAll(t, ctx, r, u)
	}))
	assert.Equal(t, 3, runs)
	s.requirePresent(t, u)
}

func unitStaleSave(t *testing.T, s store, do work) {
	u := s.addUser(t, "ada@example.com")
	stale := s.user(t, u.ID())
	u.VerifyEmail(start)
	require.NoError(t, s.Repositories.Users.Save(t.Context(), u))

	next := stale
	require.NoError(t, do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		user := next
		if user == nil {
			var err error
			if user, err = r.Users.ByID(ctx, u.ID()); err != nil {
				return err
			}
		}
		next = nil
		user.ChangeRole(domain.RoleAdmin, start)
		return r.Users.Save(ctx, user)
	}))
	got := s.user(t, u.ID())
	assert.Equal(t, domain.RoleAdmin, got.Role())
	assert.True(t, got.EmailVerified(), "the faster change is kept")
	assert.Equal(t, int64(3), got.Snapshot().Version)
}

func unitGivesUp(t *testing.T, s store, do work) {
	u := newUser(t, "ada@example.com")
	runs := 0
	err := do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		runs++
		assert.NoError(t, writeAll(t, ctx, r, u))
		return domain.ErrConflict
	})
	require.ErrorIs(t, err, domain.ErrUnavailable)
	assert.Greater(t, runs, 2)
	assert.LessOrEqual(t, runs, 100)
	s.requireAbsent(t, u)
}

func unitAtomic(t *testing.T, s store) {
	const pairs, readers = 20, 2
	done := make(chan struct{})
	errs := race(1+readers, func(i int) error {
		if i == 0 {
			defer close(done)
			for range pairs {
				if err := s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
					a, b := domain.UserID(newID()), domain.UserID(newID())
					return errors.Join(
						r.Users.Add(ctx, newUser(t, a.String()+"@example.com")),
						r.Users.Add(ctx, newUser(t, b.String()+"@example.com")),
					)
				}); err != nil {
					return err
				}
			}
			return nil
		}
		for {
			all, err := s.Repositories.Users.List(t.Context(), ports.UserQuery{Limit: 200, Order: ports.EmailUp})
			if err != nil {
				return err
			}
			if len(all)%2 != 0 {
				return errors.New("half of a unit was seen")
			}
			select {
			case <-done:
				return nil
			default:
			}
		}
	})
	require.NoError(t, errors.Join(errs...))
}
