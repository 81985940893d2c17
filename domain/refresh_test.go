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
	want.Generation, want.Predecessor = 2, 1
	want.RotatedAt, want.LastSeenAt, want.ExpiresAt = later, later, later.Add(7*day)
	want.ClientIP, want.UserAgent = "2001:db8::1", "Browser/2.0"
	s.Uses(1)
	outcome, err := s.Refresh(1, domain.Client{IP: "2001:DB8::1", UserAgent: "Browser/2.0"}, 1, lives, later)
	require.NoError(t, err)
	assert.Equal(t, domain.RefreshRotated, outcome)
	assert.Equal(t, want, s.Snapshot())
}

func TestRefresh_PredecessorGetsTheSameSuccessorWithinTheGrace(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	_, err := s.Refresh(1, home, 1, lives, later)
	require.NoError(t, err)
	stored, access, refresh := s.Snapshot(), rules.Access(s, domain.RoleUser), rules.Refresh(s)
	for _, after := range []time.Duration{0, time.Microsecond, lives.Grace, -time.Second} {
		outcome, err := s.Refresh(1, home, 1, lives, later.Add(after))
		require.NoError(t, err, after)
		assert.Equal(t, domain.RefreshReplayed, outcome, after)
		assert.Equal(t, stored, s.Snapshot(), "a replay changes nothing")
		assert.Equal(t, access, rules.Access(s, domain.RoleUser))
		assert.Equal(t, refresh, rules.Refresh(s))
	}
}

// F-H1: a copied token is used beside its owner from another place.
func TestRefresh_ReplayFromElsewhereIsRecordedOrRefused(t *testing.T) {
	t.Parallel()
	const browser = "Browser/1.0"
	for name, c := range map[string]struct {
		rotated, replayed domain.Client
		want              domain.RefreshOutcome
	}{
		"the same client":                {home, home, domain.RefreshReplayed},
		"another spelling":               {home, domain.Client{IP: "::ffff:192.0.2.7", UserAgent: browser}, domain.RefreshReplayed},
		"the same IPv6 subnet":           {domain.Client{IP: "2001:db8::1"}, domain.Client{IP: "2001:db8::ffff"}, domain.RefreshReplayed},
		"another network":                {home, domain.Client{IP: "198.51.100.1", UserAgent: browser}, domain.RefreshReplayedElsewhere},
		"another user agent":             {home, domain.Client{IP: home.IP, UserAgent: "curl/8"}, domain.RefreshReplayedElsewhere},
		"both":                           {home, domain.Client{IP: "198.51.100.1", UserAgent: "curl/8"}, domain.RefreshReused},
		"both, without a user agent":     {home, domain.Client{IP: "198.51.100.1"}, domain.RefreshReused},
		"an unknown address":             {home, domain.Client{UserAgent: browser}, domain.RefreshReplayed},
		"unknown, another user agent":    {home, domain.Client{UserAgent: "curl/8"}, domain.RefreshReplayedElsewhere},
		"rotated by an unknown address":  {domain.Client{UserAgent: browser}, home, domain.RefreshReplayed},
		"the client of the login, moved": {domain.Client{IP: "198.51.100.1", UserAgent: "curl/8"}, home, domain.RefreshReused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(newAlice(t))
			_, err := s.Refresh(1, c.rotated, 1, lives, later)
			require.NoError(t, err)
			outcome, err := s.Refresh(1, c.replayed, 1, lives, later.Add(time.Second))
			require.NoError(t, err)
			assert.Equal(t, c.want, outcome)
			assert.Equal(t, c.want == domain.RefreshReused, s.State(1, later) == domain.SessionRevoked)
		})
	}
}

// F-A2: the response was lost: a lid was closed, a tunnel began.
func TestRefresh_LostResponseIsReissued(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	_, err := s.Refresh(1, home, 1, lives, later)
	require.NoError(t, err)
	lost := s.Generation()
	for i, after := range []time.Duration{lives.Grace + time.Microsecond, lives.Unseen} {
		now := s.RotatedAt().Add(after)
		want := s.Snapshot()
		want.Generation = int64(4 + 2*i)
		want.RotatedAt, want.LastSeenAt, want.ExpiresAt = now, now, now.Add(7*day)
		want.ClientIP, want.UserAgent = "198.51.100.1", "Train/1.0"
		outcome, err := s.Refresh(1, domain.Client{IP: "198.51.100.1", UserAgent: "Train/1.0"}, 1, lives, now)
		require.NoError(t, err)
		assert.Equal(t, domain.RefreshReissued, outcome)
		assert.Equal(t, want, s.Snapshot(), "the predecessor stays, in case that this response is lost too")
		assert.True(t, s.IsVoid(lost))
		assert.False(t, s.IsVoid(s.Generation()))
		assert.False(t, s.IsVoid(1), "access tokens of a predecessor live out their time")
		lost = s.Generation()
	}
	outcome, err := s.Refresh(1, s.Client(), 1, lives, s.RotatedAt().Add(time.Second))
	require.NoError(t, err)
	assert.Equal(t, domain.RefreshReplayed, outcome, "the grace counts from the newest generation")
	outcome, err = s.Refresh(6, home, 1, lives, s.RotatedAt().Add(time.Second))
	require.NoError(t, err)
	assert.Equal(t, domain.RefreshRotated, outcome)
	assert.False(t, s.IsVoid(2), "a later rotation forgets the gap")
}

// F-H1: the holder of a copied token cannot keep the grace open by presenting it again
// and again.
func TestRefresh_IsReissuedFourTimesAtMost(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	_, err := s.Refresh(1, home, 1, lives, later)
	require.NoError(t, err)
	for i := range 5 {
		outcome, err := s.Refresh(1, home, 1, lives, s.RotatedAt().Add(11*time.Second))
		require.NoError(t, err)
		want := domain.RefreshReissued
		if i == 4 {
			want = domain.RefreshReused
		}
		assert.Equal(t, want, outcome, i)
	}
}

// F-H1: two holders: one uses the generation that the other one made void.
func TestRefresh_VoidGenerationEndsTheSession(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	_, err := s.Refresh(1, home, 1, lives, later)
	require.NoError(t, err)
	now := later.Add(time.Minute)
	_, err = s.Refresh(1, home, 1, lives, now)
	require.NoError(t, err)
	outcome, err := s.Refresh(2, home, 1, lives, now)
	require.NoError(t, err)
	assert.Equal(t, domain.RefreshReused, outcome)
	assert.Equal(t, domain.SessionRevoked, s.State(1, now))
}

func TestSession_IsSeenOnceByGeneration(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	for _, generation := range []int64{-1, 0, 1, 2} {
		assert.False(t, s.Uses(generation), generation)
	}
	_, err := s.Refresh(1, home, 1, lives, later)
	require.NoError(t, err)
	assert.False(t, s.Uses(1), "an older access token")
	assert.False(t, s.Snapshot().Seen)
	assert.True(t, s.Uses(2))
	assert.False(t, s.Uses(2))
	assert.True(t, s.Snapshot().Seen)
}

// F-H1: the holder of a copied token cannot time a rotation.
func TestSession_LooksTheSameToItsHolderWheneverItRotated(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	before := s.Snapshot()
	now := later.Add(time.Minute)
	held := s.HeldBy(home, lives, now)
	assert.Equal(t, before, s.Snapshot())
	_, err := s.Refresh(1, domain.Client{IP: "198.51.100.1"}, 1, lives, later)
	require.NoError(t, err)
	again := s.HeldBy(home, lives, now)
	for _, h := range []*domain.Session{held, again} {
		assert.Equal(t, now, h.LastSeenAt())
		assert.Equal(t, now.Add(7*day), h.ExpiresAt())
		assert.Equal(t, home, h.Client())
	}
	assert.Equal(t, start.Add(30*day), s.HeldBy(home, lives, start.Add(29*day)).ExpiresAt(), "never beyond the absolute end")
}

// S-31, V-04: what comes back after the grace, or twice removed, was copied.
func TestRefresh_ReuseRevokesTheSession(t *testing.T) {
	t.Parallel()
	noGrace := lives
	noGrace.Grace, noGrace.Unseen = 0, 0
	noUnseen := lives
	noUnseen.Unseen = 0
	for name, c := range map[string]struct {
		rotations  int64
		generation int64
		lives      domain.SessionLives
		after      time.Duration
		seen       bool
	}{
		"the successor was seen":     {1, 1, lives, lives.Grace + time.Microsecond, true},
		"unseen, but too late":       {1, 1, lives, lives.Unseen + time.Microsecond, false},
		"unseen turned off":          {1, 1, noUnseen, lives.Grace + time.Microsecond, false},
		"both turned off":            {1, 1, noGrace, 0, false},
		"both off, and clock behind": {1, 1, noGrace, -time.Second, false},
		"two generations old":        {2, 1, lives, 0, false},
		"many generations old":       {9, 1, lives, 0, false},
		"twice removed, no grace":    {2, 1, noGrace, 0, false},
		"near the end of its life":   {1, 1, lives, 7*day - time.Microsecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(newAlice(t))
			for gen := int64(1); gen <= c.rotations; gen++ {
				_, err := s.Refresh(gen, home, 1, c.lives, later)
				require.NoError(t, err)
			}
			if c.seen {
				require.True(t, s.Uses(s.Generation()))
			}
			want := s.Snapshot()
			now := later.Add(c.after)
			want.RevokedAt, want.RevokeReason = now, "refresh_token_reused"
			outcome, err := s.Refresh(c.generation, home, 1, c.lives, now)
			require.NoError(t, err)
			assert.Equal(t, domain.RefreshReused, outcome)
			assert.Equal(t, want, s.Snapshot())
			_, err = s.Refresh(s.Generation(), home, 1, c.lives, now)
			require.ErrorIs(t, err, domain.ErrSessionEnded, "the newest token is dead too")
			_, err = s.Refresh(c.generation, home, 1, c.lives, now)
			require.ErrorIs(t, err, domain.ErrSessionEnded, "a second reuse is no news")
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
			_, err := s.Refresh(1, home, 1, lives, later)
			require.NoError(t, err)
			before := s.Snapshot()
			outcome, err := s.Refresh(c.generation, home, c.epoch, lives, c.now)
			require.ErrorIs(t, err, c.want)
			assert.Zero(t, outcome)
			assert.Equal(t, before, s.Snapshot())
		})
	}
}
