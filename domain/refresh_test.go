package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestRefresh_NewestTokenAdvancesTheSession(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	want := s.Snapshot()
	want.Generation, want.RotatedAt, want.LastSeenAt, want.ExpiresAt = 2, later, later, later.Add(7*day)
	outcome, err := s.Refresh(1, 1, lives, later)
	require.NoError(t, err)
	assert.Equal(t, domain.RefreshRotated, outcome)
	assert.Equal(t, want, s.Snapshot())
}

func TestRefresh_PredecessorGetsTheSameSuccessorWithinTheGrace(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	_, err := s.Refresh(1, 1, lives, later)
	require.NoError(t, err)
	stored, access, refresh := s.Snapshot(), rules.Access(s, domain.RoleUser), rules.Refresh(s)
	for _, after := range []time.Duration{0, time.Microsecond, lives.Grace, -time.Second} {
		outcome, err := s.Refresh(1, 1, lives, later.Add(after))
		require.NoError(t, err, after)
		assert.Equal(t, domain.RefreshReplayed, outcome, after)
		assert.Equal(t, stored, s.Snapshot(), "a replay changes nothing")
		assert.Equal(t, access, rules.Access(s, domain.RoleUser))
		assert.Equal(t, refresh, rules.Refresh(s))
	}
}

// S-31, V-04: an old token that comes back after the grace, or after two rotations, was
// stolen.
func TestRefresh_ReuseRevokesTheSession(t *testing.T) {
	t.Parallel()
	noGrace := lives
	noGrace.Grace = 0
	for name, c := range map[string]struct {
		rotations  int64
		generation int64
		lives      domain.SessionLives
		after      time.Duration
	}{
		"after the grace":          {1, 1, lives, lives.Grace + time.Microsecond},
		"grace turned off":         {1, 1, noGrace, 0},
		"grace off, clock behind":  {1, 1, noGrace, -time.Second},
		"two generations old":      {2, 1, lives, 0},
		"many generations old":     {9, 1, lives, 0},
		"twice removed, no grace":  {2, 1, noGrace, 0},
		"near the end of its life": {1, 1, lives, 7*day - time.Microsecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(newAlice(t))
			for gen := int64(1); gen <= c.rotations; gen++ {
				_, err := s.Refresh(gen, 1, c.lives, later)
				require.NoError(t, err)
			}
			want := s.Snapshot()
			now := later.Add(c.after)
			want.RevokedAt, want.RevokeReason = now, "refresh_token_reused"
			outcome, err := s.Refresh(c.generation, 1, c.lives, now)
			require.NoError(t, err)
			assert.Equal(t, domain.RefreshReused, outcome)
			assert.Equal(t, want, s.Snapshot())
			_, err = s.Refresh(s.Generation(), 1, c.lives, now)
			require.ErrorIs(t, err, domain.ErrSessionEnded, "the newest token is refused, too")
			_, err = s.Refresh(c.generation, 1, c.lives, now)
			require.ErrorIs(t, err, domain.ErrSessionEnded, "a second reuse is not reported again")
		})
	}
}

func TestRefresh_RefusesWithoutAChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		generation, epoch int64
		now               time.Time
		want              error
	}{
		"a generation never issued":  {3, 1, later, domain.ErrInvalidRefreshToken},
		"generation zero":            {0, 1, later, domain.ErrInvalidRefreshToken},
		"a negative generation":      {-1, 1, later, domain.ErrInvalidRefreshToken},
		"expired":                    {2, 1, later.Add(7 * day), domain.ErrSessionEnded},
		"all sessions were ended":    {2, 2, later, domain.ErrSessionEnded},
		"old token, sessions ended":  {1, 2, later.Add(day), domain.ErrSessionEnded},
		"old token, session expired": {1, 1, later.Add(7 * day), domain.ErrSessionEnded},
		"a replay after logout-all":  {1, 2, later, domain.ErrSessionEnded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(newAlice(t))
			_, err := s.Refresh(1, 1, lives, later)
			require.NoError(t, err)
			before := s.Snapshot()
			outcome, err := s.Refresh(c.generation, c.epoch, lives, c.now)
			require.ErrorIs(t, err, c.want)
			assert.Zero(t, outcome)
			assert.Equal(t, before, s.Snapshot())
		})
	}
}
