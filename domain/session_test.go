package domain_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestStartSession_TakesTheEpochItWasCheckedAgainst(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	alice.EndSessions(start)
	s := newSession(alice)
	assert.Equal(t, domain.SessionSnapshot{
		ID:                sessionID,
		UserID:            aliceID,
		Epoch:             2,
		Generation:        1,
		Methods:           "pwd",
		AuthenticatedAt:   start,
		RotatedAt:         start,
		CreatedAt:         start,
		LastSeenAt:        start,
		ExpiresAt:         start.Add(7 * day),
		AbsoluteExpiresAt: start.Add(30 * day),
		ClientIP:          "192.0.2.7",
		UserAgent:         "Browser/1.0",
		Version:           1,
	}, s.Snapshot())
	assert.Equal(t, sessionID, s.ID())
	assert.Equal(t, aliceID, s.UserID())
	assert.Equal(t, int64(1), s.Generation())
	assert.Equal(t, []domain.Method{domain.MethodPassword}, s.Methods())
	assert.Equal(t, start, s.AuthenticatedAt())
	assert.Equal(t, start, s.RotatedAt())
	assert.Equal(t, start, s.CreatedAt())
	assert.Equal(t, start, s.LastSeenAt())
	assert.Equal(t, start.Add(7*day), s.ExpiresAt())
	assert.Equal(t, start.Add(30*day), s.Snapshot().AbsoluteExpiresAt)
	assert.Equal(t, domain.Client{IP: "192.0.2.7", UserAgent: "Browser/1.0"}, s.Client())
}

func TestSession_LivesUntilRevokedExpiredOrOutdated(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	assert.Equal(t, domain.SessionActive, s.State(1, start))
	assert.Equal(t, domain.SessionActive, s.State(1, start.Add(7*day-time.Microsecond)))
	assert.Equal(t, domain.SessionExpired, s.State(1, start.Add(7*day)))
	assert.Equal(t, domain.SessionRevoked, s.State(2, start), "all sessions were ended")
	assert.Equal(t, domain.SessionRevoked, s.State(0, start))
	s.Revoke(domain.RevokedByOwner, later)
	assert.Equal(t, domain.SessionRevoked, s.State(1, later))
	assert.Equal(t, domain.SessionRevoked, s.State(1, start.Add(8*day)), "a revocation takes precedence over the expiry")
}

// S-33: refreshing moves the idle end, never the absolute one.
func TestSession_AbsoluteEndIsNeverExtended(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	now := start
	for gen := int64(1); ; gen++ {
		next := now.Add(6 * day)
		if !next.Before(start.Add(30 * day)) {
			break
		}
		now = next
		_, err := s.Refresh(gen, home, 1, lives, now)
		require.NoError(t, err)
		assert.Equal(t, now, s.LastSeenAt())
		assert.Equal(t, start.Add(30*day), s.Snapshot().AbsoluteExpiresAt)
		assert.False(t, s.ExpiresAt().After(s.Snapshot().AbsoluteExpiresAt))
	}
	require.Equal(t, start.Add(24*day), now)
	_, err := s.Refresh(s.Generation(), home, 1, lives, start.Add(30*day-time.Minute))
	require.NoError(t, err)
	_, err = s.Refresh(s.Generation(), home, 1, lives, start.Add(30*day+time.Second))
	require.ErrorIs(t, err, domain.ErrSessionEnded, "it was refreshed a minute ago, but has ended")
}

func TestSession_AbsoluteEndHoldsForStoredRows(t *testing.T) {
	t.Parallel()
	snapshot := newSession(newAlice(t)).Snapshot()
	snapshot.ExpiresAt = start.Add(90 * day) // a row written under other settings
	s, err := domain.RestoreSession(snapshot)
	require.NoError(t, err)
	assert.Equal(t, domain.SessionExpired, s.State(1, start.Add(30*day)))
}

func TestSession_FirstReasonOfRevocationStays(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	s.Revoke(domain.RevokedByTooMany, later)
	s.Revoke(domain.RevokedByReuse, later.Add(time.Hour))
	assert.Equal(t, later, s.Snapshot().RevokedAt)
	assert.Equal(t, string(domain.RevokedByTooMany), s.Snapshot().RevokeReason)
}

// F-M1: no session outlives the password that it was opened with.
func TestSession_EndsWithThePassword(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	before := newSession(alice)
	alice.SetPassword(domain.NewPasswordHash("new"), later)
	assert.Equal(t, domain.SessionRevoked, before.State(alice.SessionEpoch(), later))
	assert.Equal(t, domain.SessionActive, newSession(alice).State(alice.SessionEpoch(), later))
}

func TestStartSession_KeepsOneSpellingOfTheAddress(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"192.0.2.7":               "192.0.2.7",
		"2001:DB8::1":             "2001:db8::1",
		"2001:db8:0:0:0:0:0:1":    "2001:db8::1",
		"::ffff:192.0.2.7":        "192.0.2.7", // V-22
		"::ffff:c000:207":         "192.0.2.7",
		"fe80::1%eth0":            "fe80::1",
		"":                        "",
		"unknown":                 "", // V-23
		"192.0.2.7:99":            "",
		"192.0.2.7\x00":           "",
		"192.0.2.7, 198.51.100.1": "",
		strings.Repeat("1", 8192): "",
	} {
		s := domain.StartSession(sessionID, newAlice(t), domain.Proofs{domain.ProofByPassword(start)}, domain.Client{IP: raw}, lives, start)
		assert.Equal(t, want, s.Client().IP, "%.60q", raw)
	}
}

// B-16, S-47: a User-Agent cannot break a row, a log line or a terminal.
func TestStartSession_KeepsOnlyPrintablePartsOfAUserAgent(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                                "",
		"Browser/1.0 (X11; Linux)":        "Browser/1.0 (X11; Linux)",
		"Телефон 🔑":                       "Телефон 🔑",
		"a\r\n{\"level\":\"info\"}":       `a{"level":"info"}`,
		"\x1b[31mred\x00":                 "[31mred",
		"bad\xff\xfeutf8\ufffd":           "badutf8",
		"bidi\u202eevil\u200b":            "bidievil",
		strings.Repeat("a", 8192):         strings.Repeat("a", 512),
		strings.Repeat("🔑", 200):          strings.Repeat("🔑", 128),
		"a" + strings.Repeat("🔑", 200):    "a" + strings.Repeat("🔑", 127),
		strings.Repeat("\x00", 600) + "z": "z",
	} {
		s := domain.StartSession(sessionID, newAlice(t), domain.Proofs{domain.ProofByPassword(start)}, domain.Client{UserAgent: raw}, lives, start)
		assert.Equal(t, want, s.Client().UserAgent, "%.60q", raw)
	}
}

func FuzzStartSession_UserAgent(f *testing.F) {
	f.Add("Browser/1.0", "192.0.2.7")
	f.Add("\xff\x00\r\n"+strings.Repeat("🔑", 200), "::ffff:192.0.2.7%eth0")
	f.Fuzz(func(t *testing.T, userAgent, ip string) {
		user := domain.NewUser(aliceID, domain.Email{}, domain.PasswordHash{}, domain.RoleUser, start)
		client := domain.StartSession(sessionID, user, domain.Proofs{domain.ProofByPassword(start)}, domain.Client{IP: ip, UserAgent: userAgent}, lives, start).Client()
		require.True(t, utf8.ValidString(client.UserAgent))
		require.LessOrEqual(t, len(client.UserAgent), domain.MaxUserAgentLength)
		require.NotContains(t, client.UserAgent, "\n")
		require.LessOrEqual(t, len(client.IP), 39)
		again := domain.StartSession(sessionID, user, domain.Proofs{domain.ProofByPassword(start)}, client, lives, start).Client()
		require.Equal(t, client, again, "a kept value is kept unchanged")
	})
}

// Whatever the lives, a session never outlives its absolute end.
func TestSession_EndsAreOrdered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := domain.SessionLives{
			Idle:     time.Duration(rapid.Int64Range(0, int64(60*day)).Draw(t, "idle")),
			Absolute: time.Duration(rapid.Int64Range(0, int64(60*day)).Draw(t, "absolute")),
		}
		user := domain.NewUser(aliceID, domain.Email{}, domain.PasswordHash{}, domain.RoleUser, start)
		s := domain.StartSession(sessionID, user, domain.Proofs{domain.ProofByPassword(start)}, domain.Client{}, l, start)
		end := s.Snapshot().AbsoluteExpiresAt
		now := start
		for range rapid.IntRange(0, 20).Draw(t, "refreshes") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(5*day)).Draw(t, "pause")))
			_, _ = s.Refresh(s.Generation(), home, 1, l, now)
			if s.ExpiresAt().After(end) || !s.Snapshot().AbsoluteExpiresAt.Equal(end) {
				t.Fatalf("expires %s after the absolute end %s", s.ExpiresAt(), end)
			}
		}
		if s.State(1, end) == domain.SessionActive {
			t.Fatalf("active at its absolute end")
		}
	})
}
