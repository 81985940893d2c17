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

// many is how many goroutines race for one row.
const many = 100

func raceTests() []storeTest {
	return []storeTest{
		{"Race_OneOfManyAddsGetsAnAddress", raceAdd},
		{"Race_OneOfManyRedeemsAToken", raceRedeem},
		{"Race_ARefreshTokenHasOneChildAndManyReplays", raceRefresh},
		{"Race_WithoutGraceARefreshTokenHasOneChildAndEndsItsSession", raceReuse},
		{"Race_NoUpdateIsLost", raceUpdates},
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

// V-06: a one-time token is used once, and what it allowed happens once.
func raceRedeem(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	token := s.addToken(t, domain.MailResetPassword, u)
	hash := token.Snapshot().SecretHash
	errs := race(many, func(i int) error {
		return s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			token, err := r.Tokens.BySecretHash(ctx, domain.UseSetPassword, hash)
			if err != nil {
				return err
			}
			user, err := r.Users.ByID(ctx, token.UserID())
			if err != nil {
				return err
			}
			if err := token.Redeem(user, start.Add(time.Minute)); err != nil {
				return err
			}
			if err := r.Tokens.Save(ctx, token); err != nil {
				return err
			}
			user.SetPassword(domain.NewPasswordHash(fmt.Sprintf("hash %d", i)), start.Add(time.Minute))
			return r.Users.Save(ctx, user)
		})
	})
	requireOutcomes(t, errs, 1, domain.ErrInvalidToken)
	after := s.user(t, u.ID())
	assert.Equal(t, int64(2), after.SessionEpoch())
	for i, err := range errs {
		if err == nil {
			assert.Equal(t, fmt.Sprintf("hash %d", i), after.PasswordHash().Encoded(), "the winner's password")
		}
	}
	assert.Equal(t, start.Add(time.Minute), s.token(t, domain.UseSetPassword, token.ID()).Snapshot().UsedAt)
}

// refresh is a refresh as the service does it: one read and one conditional
// write, again after a conflict.
func (s store) refresh(ctx context.Context, id domain.SessionID, limits domain.SessionLimits, now time.Time) (*domain.Session, domain.RefreshOutcome, error) {
	for {
		session, user, err := s.Repositories.Sessions.WithUser(ctx, id)
		if err != nil {
			return nil, 0, err
		}
		outcome, err := session.Refresh(1, user.SessionEpoch(), limits, now)
		if err != nil || outcome == domain.RefreshReplayed {
			return session, outcome, err
		}
		err = s.Repositories.Sessions.Save(ctx, session)
		if errors.Is(err, domain.ErrConflict) {
			continue
		}
		return session, outcome, err
	}
}

// V-01: everybody gets the same one successor.
func raceRefresh(t *testing.T, s store) {
	session := s.addSession(t, s.addUser(t, "ada@example.com"), start)
	outcomes := make([]domain.RefreshOutcome, many)
	successors := make([]*domain.Session, many)
	errs := race(many, func(i int) (err error) {
		// Each asks at a time of its own, so a second rotation would show.
		now := start.Add(time.Second + time.Duration(i)*time.Millisecond)
		successors[i], outcomes[i], err = s.refresh(t.Context(), session.ID(), limits, now)
		return err
	})
	require.NoError(t, errors.Join(errs...))
	final := s.session(t, session.ID())
	assert.Equal(t, int64(2), final.Generation())
	assert.Equal(t, int64(2), final.Snapshot().Version, "one write in all")
	rotated := 0
	for i, outcome := range outcomes {
		if outcome == domain.RefreshRotated {
			rotated++
		}
		assert.Equal(t, final.Generation(), successors[i].Generation())
		assert.Equal(t, final.RotatedAt(), successors[i].RotatedAt())
		assert.Equal(t, final.ExpiresAt(), successors[i].ExpiresAt())
	}
	assert.Equal(t, 1, rotated)
}

func raceReuse(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	session := s.addSession(t, u, start)
	noGrace := domain.SessionLimits{Idle: limits.Idle, Absolute: limits.Absolute}
	outcomes := make([]domain.RefreshOutcome, many)
	errs := race(many, func(i int) (err error) {
		_, outcomes[i], err = s.refresh(t.Context(), session.ID(), noGrace, start.Add(time.Second))
		return err
	})
	requireOutcomes(t, errs, 2, domain.ErrSessionEnded)
	counts := map[domain.RefreshOutcome]int{}
	for _, outcome := range outcomes {
		counts[outcome]++
	}
	assert.Equal(t, map[domain.RefreshOutcome]int{domain.RefreshRotated: 1, domain.RefreshReused: 1, 0: many - 2}, counts)
	assert.Equal(t, domain.SessionRevoked, s.session(t, session.ID()).State(u.SessionEpoch(), start.Add(time.Second)))
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
			case !errors.Is(err, domain.ErrUnavailable): // too many conflicts are no lost update
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
