package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ruleRaceTests race the rules that span rows.
func ruleRaceTests() []storeTest {
	return []storeTest{
		{"Race_AnActiveAdminAlwaysRemains", raceLastAdmin},
		{"Race_SessionsOfAUserStayWithinTheirLimit", raceSessionCap},
		{"Race_NoLoginOutlivesTheEndOfAllSessions", raceEpoch},
	}
}

// raceLastAdmin lets administrators demote, disable and delete each other at
// once, in many rounds.
func raceLastAdmin(t *testing.T, s store) {
	const rounds = 15
	ways := []func(ctx context.Context, r ports.Repositories, u *domain.User) error{
		func(ctx context.Context, r ports.Repositories, u *domain.User) error {
			u.ChangeRole(domain.RoleUser, start)
			return r.Users.Save(ctx, u)
		},
		func(ctx context.Context, r ports.Repositories, u *domain.User) error {
			u.Disable(start)
			return r.Users.Save(ctx, u)
		},
		func(ctx context.Context, r ports.Repositories, u *domain.User) error { return r.Users.Delete(ctx, u) },
	}
	done := 0
	for round := range rounds {
		var admins []*domain.User
		for i := range 2 + round%2 {
			admins = append(admins, s.addUser(t, fmt.Sprintf("admin%d-%d@example.com", round, i), admin))
		}
		all := newMeeting(len(admins))
		errs := race(len(admins), func(i int) error {
			return s.removeAdmin(t.Context(), admins[i].ID(), all, ways[(round+i*(1+round/3))%len(ways)])
		})
		for _, err := range errs {
			if err == nil {
				done++
			} else {
				require.True(t, errors.Is(err, domain.ErrLastAdmin) || errors.Is(err, domain.ErrUnavailable), "%v", err)
			}
		}
		left, err := s.Repositories.Users.List(t.Context(), ports.UserQuery{Limit: 10, Role: domain.RoleAdmin, Status: domain.StatusActive, Order: ports.EmailUp})
		require.NoError(t, err)
		require.NotEmpty(t, left, "round %d left no administrator: %v", round, errs)
		for _, u := range left {
			require.NoError(t, s.Repositories.Users.Delete(t.Context(), u))
		}
	}
	assert.Positive(t, done)
}

// removeAdmin lowers the number of administrators, unless it is the last one.
func (s store) removeAdmin(ctx context.Context, id domain.UserID, all *meeting, way func(ctx context.Context, r ports.Repositories, u *domain.User) error) error {
	return s.Work.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		u, err := r.Users.ByID(ctx, id)
		if err != nil {
			return err
		}
		other, err := r.Users.HasOtherActiveAdmin(ctx, id)
		if err != nil {
			return err
		}
		if !other {
			return domain.ErrLastAdmin
		}
		all.meet()
		return way(ctx, r, u)
	})
}

func raceSessionCap(t *testing.T, s store) {
	const limit, logins = 3, 12
	u := s.addUser(t, "ada@example.com")
	count := func() (int, error) {
		live, err := s.Repositories.Sessions.LiveByUser(t.Context(), u.ID(), u.SessionEpoch(), start)
		return len(live), err
	}
	all := newMeeting(logins)
	errs := race(logins, func(i int) error {
		session := newSession(t, u, start.Add(time.Duration(i)*time.Microsecond))
		err := s.signIn(t.Context(), session, u.SessionEpoch(), limit, all)
		for n := 0; errors.Is(err, domain.ErrUnavailable) && n < logins; n++ {
			err = s.signIn(t.Context(), session, u.SessionEpoch(), limit, all)
		}
		if err != nil {
			return err
		}
		n, err := count()
		if n > limit {
			return fmt.Errorf("%d sessions are live", n)
		}
		return err
	})
	require.NoError(t, errors.Join(errs...))
	n, err := count()
	require.NoError(t, err)
	assert.Equal(t, limit, n)
}

// signIn adds a session and ends the oldest ones beyond limit.
func (s store) signIn(ctx context.Context, session *domain.Session, epoch int64, limit int, all *meeting) error {
	return s.Work.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		live, err := r.Sessions.LiveByUser(ctx, session.UserID(), epoch, start)
		if err != nil {
			return err
		}
		all.meet()
		for len(live) >= limit {
			oldest := live[len(live)-1]
			live = live[:len(live)-1]
			oldest.Revoke(domain.RevokedByTooMany, start)
			if err := r.Sessions.Save(ctx, oldest); err != nil {
				return err
			}
		}
		return r.Sessions.Add(ctx, session)
	})
}

// raceEpoch signs in on what was read before all sessions were ended. Whichever
// comes first, none of these sessions lives.
func raceEpoch(t *testing.T, s store) {
	const logins = 8
	u := s.addUser(t, "ada@example.com")
	ids := make([]domain.SessionID, logins)
	errs := race(logins+1, func(i int) error {
		if i == logins {
			return s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				user, err := r.Users.ByID(ctx, u.ID())
				if err != nil {
					return err
				}
				user.EndSessions(start)
				return r.Users.Save(ctx, user)
			})
		}
		session := newSession(t, u, start)
		ids[i] = session.ID()
		return s.Work.DoSerializable(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			return r.Sessions.Add(ctx, session)
		})
	})
	require.NoError(t, errors.Join(errs...))
	for _, id := range ids {
		session, user, err := s.Repositories.Sessions.WithUser(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, int64(2), user.SessionEpoch())
		assert.Equal(t, domain.SessionRevoked, session.State(user.SessionEpoch(), start))
	}
	live, err := s.Repositories.Sessions.LiveByUser(t.Context(), u.ID(), 2, start)
	require.NoError(t, err)
	assert.Empty(t, live)
}
