package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// law is RestoreX(x.Snapshot()) == x: storing and loading loses nothing.
func law[X any, S comparable](t require.TestingT, restore func(S) (X, error), snapshot func(X) S, s S) {
	x, err := restore(s)
	require.NoError(t, err)
	require.Equal(t, s, snapshot(x))
	again, err := restore(snapshot(x))
	require.NoError(t, err)
	require.Equal(t, x, again)
}

// restored is the law for snapshots that may be broken: they load unchanged, or
// are refused by an internal error.
func restored[X any, S comparable](t *testing.T, restore func(S) (*X, error), snapshot func(*X) S, s S) {
	t.Helper()
	x, err := restore(s)
	if err == nil {
		require.Equal(t, s, snapshot(x))
		law(t, restore, snapshot, s)
		return
	}
	require.Nil(t, x)
	requireInternal(t, err)
}

// requireInternal fails for errors that a client would see.
func requireInternal(t *testing.T, err error) {
	t.Helper()
	var refusal *domain.Error
	require.NotErrorAs(t, err, &refusal)
	require.ErrorContains(t, err, "domain: restoring a ")
}

func userLaw(t require.TestingT, s domain.UserSnapshot) {
	law(t, domain.RestoreUser, (*domain.User).Snapshot, s)
}

func sessionLaw(t require.TestingT, s domain.SessionSnapshot) {
	law(t, domain.RestoreSession, (*domain.Session).Snapshot, s)
}

func tokenLaw(t require.TestingT, s domain.TokenSnapshot) {
	law(t, domain.RestoreToken, (*domain.Token).Snapshot, s)
}

func factorLaw(t require.TestingT, s domain.FactorSnapshot) {
	law(t, domain.RestoreFactor, (*domain.Factor).Snapshot, s)
}

func TestRestore_ReturnsTheStoredValues(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	userLaw(t, alice.Snapshot())
	alice.VerifyEmail(later)
	alice.ChangeRole(domain.RoleAdmin, later)
	alice.Disable(later)
	userLaw(t, alice.Snapshot())
	alice.DropPassword(later)
	alice.KeepSecondFactor(true, later)
	userLaw(t, alice.Snapshot())

	s := newSession(alice)
	sessionLaw(t, s.Snapshot())
	_, err := s.Refresh(1, home, alice.SessionEpoch(), lives, later)
	require.NoError(t, err)
	sessionLaw(t, s.Snapshot())
	s.Revoke(domain.RevokedByTooMany, later)
	sessionLaw(t, s.Snapshot())

	alice.Enable(later)
	for _, purpose := range []domain.MailKind{domain.MailVerifyEmail, domain.MailResetPassword, domain.MailInvitation} {
		token := newToken(alice, purpose)
		tokenLaw(t, token.Snapshot())
		token.Arm(domain.NewSecret("secret"))
		require.NoError(t, token.Redeem(alice, start))
		tokenLaw(t, token.Snapshot())
	}
	tokenLaw(t, domain.IssueEmailChange(tokenID, alice, email(t, "alice@example.org"), start).Snapshot())

	f := newFactor()
	factorLaw(t, f.Snapshot())
	require.NoError(t, f.Confirm(hotpSecret, codeAt(start), start))
	factorLaw(t, f.Snapshot())
	require.NoError(t, f.Use(hotpSecret, codeAt(later), later))
	factorLaw(t, f.Snapshot())
}

// Yesterday's row loads under today's rules: restoring checks the structure only.
func TestRestore_IgnoresAdmissionRules(t *testing.T) {
	t.Parallel()
	u := newAlice(t).Snapshot()
	u.Email = `"Quoted Alice"@localhost`
	u.UpdatedAt = u.CreatedAt.Add(-time.Hour)
	userLaw(t, u)
	s := newSession(newAlice(t)).Snapshot()
	s.ClientIP, s.UserAgent, s.RevokedAt, s.RevokeReason = "unknown", strings.Repeat("\x01", 2000), start, "a reason of old"
	s.ExpiresAt = s.CreatedAt.Add(-time.Hour)
	sessionLaw(t, s)
	token := newToken(newAlice(t), domain.MailVerifyEmail).Snapshot()
	token.Email = "alice@localhost"
	tokenLaw(t, token)
	f := newFactor().Snapshot()
	f.Name = strings.Repeat("\x01", 2000)
	factorLaw(t, f)
}

func TestRestoreUser_RefusesBrokenRows(t *testing.T) {
	t.Parallel()
	for reason, breakIt := range map[string]func(*domain.UserSnapshot){
		"no id":                 func(s *domain.UserSnapshot) { s.ID = domain.UserID{} },
		"no e-mail address":     func(s *domain.UserSnapshot) { s.Email = "" },
		"version below 1":       func(s *domain.UserSnapshot) { s.Version = 0 },
		"session epoch below 1": func(s *domain.UserSnapshot) { s.SessionEpoch = 0 },
		"no time":               func(s *domain.UserSnapshot) { s.CreatedAt = time.Time{} },
		"no time ":              func(s *domain.UserSnapshot) { s.UpdatedAt = time.Time{} },
		"no role":               func(s *domain.UserSnapshot) { s.Role = "" },
		"unknown status":        func(s *domain.UserSnapshot) { s.Status = "" },
	} {
		s := newAlice(t).Snapshot()
		breakIt(&s)
		_, err := domain.RestoreUser(s)
		require.ErrorContains(t, err, strings.TrimSpace(reason))
		requireInternal(t, err)
		assert.NotContains(t, err.Error(), "alice", "an error never repeats what is stored")
	}
}

func TestRestoreSession_RefusesBrokenRows(t *testing.T) {
	t.Parallel()
	for reason, breakIt := range map[string]func(*domain.SessionSnapshot){
		"no id":                               func(s *domain.SessionSnapshot) { s.ID = domain.SessionID{} },
		"no id ":                              func(s *domain.SessionSnapshot) { s.UserID = domain.UserID{} },
		"the methods are not":                 func(s *domain.SessionSnapshot) { s.Methods = "" },
		"the methods are not ":                func(s *domain.SessionSnapshot) { s.Methods = "pwd OTP" },
		"the methods are not  ":               func(s *domain.SessionSnapshot) { s.Methods = "pwd,otp" },
		"the methods are not   ":              func(s *domain.SessionSnapshot) { s.Methods = "pwd  otp" },
		"generation below 1":                  func(s *domain.SessionSnapshot) { s.Generation = 0 },
		"the predecessor is":                  func(s *domain.SessionSnapshot) { s.Predecessor = -1 },
		"the predecessor is not":              func(s *domain.SessionSnapshot) { s.Predecessor = s.Generation },
		"epoch below 1":                       func(s *domain.SessionSnapshot) { s.Epoch = 0 },
		"version below 1":                     func(s *domain.SessionSnapshot) { s.Version = -1 },
		"no time":                             func(s *domain.SessionSnapshot) { s.CreatedAt = time.Time{} },
		"no time ":                            func(s *domain.SessionSnapshot) { s.RotatedAt = time.Time{} },
		"no time  ":                           func(s *domain.SessionSnapshot) { s.LastSeenAt = time.Time{} },
		"no time   ":                          func(s *domain.SessionSnapshot) { s.ExpiresAt = time.Time{} },
		"no time    ":                         func(s *domain.SessionSnapshot) { s.AbsoluteExpiresAt = time.Time{} },
		"a revocation needs a time":           func(s *domain.SessionSnapshot) { s.RevokeReason = "logout" },
		"a revocation needs a time and a rea": func(s *domain.SessionSnapshot) { s.RevokedAt = start },
	} {
		s := newSession(newAlice(t)).Snapshot()
		breakIt(&s)
		_, err := domain.RestoreSession(s)
		require.ErrorContains(t, err, strings.TrimSpace(reason))
		requireInternal(t, err)
	}
}

func TestRestoreToken_RefusesBrokenRows(t *testing.T) {
	t.Parallel()
	for reason, breakIt := range map[string]func(*domain.TokenSnapshot){
		"no id":                 func(s *domain.TokenSnapshot) { s.ID = domain.TokenID{} },
		"no id ":                func(s *domain.TokenSnapshot) { s.UserID = domain.UserID{} },
		"unknown purpose":       func(s *domain.TokenSnapshot) { s.Purpose = "" },
		"no e-mail address":     func(s *domain.TokenSnapshot) { s.Email = "" },
		"a new address belongs": func(s *domain.TokenSnapshot) { s.NewEmail = "alice@example.org" },
		"a new address ":        func(s *domain.TokenSnapshot) { s.Purpose = string(domain.MailChangeEmail) },
		"a former role ":        func(s *domain.TokenSnapshot) { s.FormerRole = "user" },
		"a former role":         func(s *domain.TokenSnapshot) { s.FormerVerified = true },
		"a former role belongs": func(s *domain.TokenSnapshot) {
			s.Purpose, s.NewEmail = string(domain.MailUndoEmail), "alice@example.org"
		},
		"version below 1": func(s *domain.TokenSnapshot) { s.Version = 0 },
		"no time":         func(s *domain.TokenSnapshot) { s.CreatedAt = time.Time{} },
		"no time ":        func(s *domain.TokenSnapshot) { s.ExpiresAt = time.Time{} },
	} {
		s := newToken(newAlice(t), domain.MailVerifyEmail).Snapshot()
		breakIt(&s)
		_, err := domain.RestoreToken(s)
		require.ErrorContains(t, err, strings.TrimSpace(reason))
		requireInternal(t, err)
	}
}
