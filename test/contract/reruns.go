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
		outcome, err := loaded.Refresh(1, domain.Client{}, user.SessionEpoch(), lives, later)
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
			return domain.ErrConflict.WithDetail("Another request was faster.")
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
	const endless = 100
	u := newUser(t, "ada@example.com")
	runs := 0
	err := do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if runs++; runs > endless {
			return errors.New("run too often")
		}
		assert.NoError(t, writeAll(t, ctx, r, u))
		return domain.ErrConflict
	})
	require.ErrorIs(t, err, domain.ErrUnavailable)
	assert.Greater(t, runs, 2)
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
			if len(all.Rows)%2 != 0 {
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
