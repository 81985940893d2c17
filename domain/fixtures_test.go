package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// start is the time at which every test begins. Its microseconds test the precision.
var start = time.Date(2026, time.March, 4, 5, 6, 7, 891_011_000, time.UTC)

// lives are the service's defaults.
var lives = domain.SessionLives{Idle: 7 * day, Absolute: 30 * day, Grace: 10 * time.Second, Unseen: time.Hour}

// rules are the service's defaults with a leeway.
var rules = domain.TokenRules{
	Issuer:     "auth-service",
	Audience:   "shop",
	AccessLife: 30 * time.Minute,
	Leeway:     30 * time.Second,
}

const day = 24 * time.Hour

var (
	aliceID   = domain.UserID{1}
	bobID     = domain.UserID{2}
	sessionID = domain.SessionID{3}
	tokenID   = domain.TokenID{4}
)

// home is the client of the login.
var home = domain.Client{IP: "192.0.2.7", UserAgent: "Browser/1.0"}

// email parses an address that is known to be good.
func email(t testing.TB, text string) domain.Email {
	t.Helper()
	e, err := domain.ParseEmail(text)
	require.NoError(t, err)
	return e
}

// newAlice returns an active user.
func newAlice(t testing.TB) *domain.User {
	t.Helper()
	return domain.NewUser(aliceID, email(t, "alice@example.com"), domain.NewPasswordHash("alice's hash"), domain.RoleUser, start)
}

// newSession returns a session of user that began at start.
func newSession(user *domain.User) *domain.Session {
	return domain.StartSession(sessionID, user, domain.Proofs{domain.ProofByPassword(start)}, home, lives, start)
}

// newToken returns a token of user that was accepted at start.
func newToken(user *domain.User, purpose domain.MailKind) *domain.Token {
	return domain.IssueToken(tokenID, purpose, user, start)
}

// later is a time of changes, after start.
var later = start.Add(time.Hour)
