package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// many is how many goroutines race for one row.
const many = 100

func raceTests() []storeTest {
	return []storeTest{
		{"Race_OneOfManyAddsGetsAnAddress", raceAdd},
		{"Race_OneOfManySavesOfAVersionSucceeds", raceSave},
		{"Race_NoUpdateIsLost", raceUpdates},
		{"Race_SerializableUnitsDoNotReadPastEachOther", raceSkew},
	}
}

// one account per address.
func raceAdd(t *testing.T, s store) {
	errs := race(many/2, func(i int) error {
		u := newUser(t, "ada@example.com")
		if i%2 == 0 {
			return s.Repositories.Users.Add(t.Context(), u)
		}
		return s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error { return r.Users.Add(ctx, u) })
	})
	requireOutcomes(t, errs, 1, domain.ErrEmailTaken)
	assert.Len(t, s.list(t, ports.UserQuery{Limit: 10, Order: ports.EmailUp}), 1)
}

// raceSave holds that of all units that change the same version, exactly one succeeds.
// Refreshes and one-time tokens rely on this.
func raceSave(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	session, token := s.addSession(t, u, start), s.addToken(t, domain.MailResetPassword, u)
	for name, save := range map[string]func() error{
		"session": func() error {
			own, err := domain.RestoreSession(session.Snapshot())
			return errors.Join(err, s.Repositories.Sessions.Save(t.Context(), own))
		},
		"token": func() error {
			own, err := domain.RestoreToken(token.Snapshot())
			return errors.Join(err, s.Repositories.Tokens.Save(t.Context(), own))
		},
		"user": func() error {
			own, err := domain.RestoreUser(u.Snapshot())
			return errors.Join(err, s.Repositories.Users.Save(t.Context(), own))
		},
	} {
		errs := race(many, func(int) error { return save() })
		t.Log(name)
		requireOutcomes(t, errs, 1, domain.ErrConflict)
	}
}

func raceUpdates(t *testing.T, s store) {
	const writers, each = 6, 5
	u := s.addUser(t, "ada@example.com")
	done := make([]int64, writers)
	errs := race(writers, func(i int) error {
		for range each {
			err := s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				user, err := r.Users.ByID(ctx, u.ID())
				if err != nil {
					return err
				}
				user.EndSessions(start)
				return r.Users.Save(ctx, user)
			})
			switch {
			case err == nil:
				done[i]++
			case !errors.Is(err, domain.ErrUnavailable): // giving up after too many conflicts loses no update
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	var total int64
	for _, n := range done {
		total += n
	}
	assert.Positive(t, total)
	assert.Equal(t, 1+total, s.user(t, u.ID()).SessionEpoch())
}

// raceSkew lets units read data that other units are about to change. In each round two
// administrators leave, each because the other one stays.
func raceSkew(t *testing.T, s store) {
	const rounds = 15
	for round := range rounds {
		var admins []*domain.User
		for i := range 2 {
			admins = append(admins, s.addUser(t, fmt.Sprintf("admin%d-%d@example.com", round, i), admin))
		}
		all := newMeeting(len(admins))
		errs := race(len(admins), func(i int) error {
			return s.Work.DoSerializable(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				other, err := r.Users.HasOtherAdmin(ctx, admins[i].ID())
				if err != nil || !other {
					return errors.Join(err, domain.ErrLastAdmin)
				}
				all.meet()
				return r.Users.Delete(ctx, admins[i])
			})
		})
		for _, err := range errs {
			require.True(t, err == nil || errors.Is(err, domain.ErrLastAdmin) || errors.Is(err, domain.ErrUnavailable), "%v", err)
		}
		left, err := s.Repositories.Users.List(t.Context(), ports.UserQuery{Limit: 10, Order: ports.EmailUp})
		require.NoError(t, err)
		require.NotEmpty(t, left.Rows, "round %d: %v", round, errs)
		for _, u := range left.Rows {
			require.NoError(t, s.Repositories.Users.Delete(t.Context(), u))
		}
	}
}
