package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// Methods and proofs that do not exist in any release.
const (
	otp = domain.Method("otp")
	hwk = domain.Method("hwk")
)

var (
	byPassword = domain.ProofByPassword(start)
	byCode     = domain.Proof{Method: otp, At: start.Add(time.Second), Source: "totp 1"}
	byCode2    = domain.Proof{Method: otp, At: start, Source: "totp 2"}
	byMail     = domain.Proof{Method: "email", At: start, Source: "alice@example.com"}
	byPasskey  = domain.Proof{Method: hwk, At: start, MultiFactor: true, Source: "passkey 1"}
)

func TestSignInPolicy_Next(t *testing.T) {
	t.Parallel()
	strict := domain.SignInPolicy{VerificationRequired: true, TwoFactorRoles: []domain.Role{domain.RoleAdmin}}
	done := domain.SignInStep{Done: true}
	needs := func(methods ...domain.Method) domain.SignInStep { return domain.SignInStep{Methods: methods} }
	unverified := func(*domain.User) {}
	verified := func(u *domain.User) { u.VerifyEmail(start) }
	disabled := func(u *domain.User) { u.VerifyEmail(start); u.Disable(start) }
	dropped := func(u *domain.User) { u.DropPassword(start); u.VerifyEmail(start) }
	admin := func(u *domain.User) { u.VerifyEmail(start); u.ChangeRole(domain.RoleAdmin, start) }
	for name, c := range map[string]struct {
		policy   domain.SignInPolicy
		user     func(*domain.User)
		enrolled []domain.Method
		proofs   domain.Proofs
		want     domain.SignInStep
		err      error
	}{
		"nothing proved":                           {domain.SignInPolicy{}, verified, nil, nil, domain.SignInStep{}, domain.ErrInvalidCredentials},
		"a password is enough":                     {strict, verified, nil, domain.Proofs{byPassword}, done, nil},
		"unconfirmed where that matters":           {strict, unverified, nil, domain.Proofs{byPassword}, domain.SignInStep{}, domain.ErrEmailNotVerified},
		"unconfirmed where it does not":            {domain.SignInPolicy{}, unverified, nil, domain.Proofs{byPassword}, done, nil},
		"unconfirmed, with every factor":           {strict, unverified, []domain.Method{otp}, domain.Proofs{byPassword, byCode}, domain.SignInStep{}, domain.ErrEmailNotVerified},
		"disabled":                                 {domain.SignInPolicy{}, disabled, nil, domain.Proofs{byPassword}, domain.SignInStep{}, domain.ErrAccountDisabled},
		"disabled, with every factor":              {domain.SignInPolicy{}, disabled, []domain.Method{otp}, domain.Proofs{byPasskey}, domain.SignInStep{}, domain.ErrAccountDisabled},
		"a second factor is set up":                {strict, verified, []domain.Method{otp}, domain.Proofs{byPassword}, needs(otp), nil},
		"several are set up":                       {strict, verified, []domain.Method{otp, hwk}, domain.Proofs{byPassword}, needs(otp, hwk), nil},
		"the second factor was proved":             {strict, verified, []domain.Method{otp}, domain.Proofs{byPassword, byCode}, done, nil},
		"one source twice is one factor":           {strict, verified, []domain.Method{otp}, domain.Proofs{byPassword, byPassword}, needs(otp), nil},
		"the second factor first":                  {strict, verified, []domain.Method{otp, hwk}, domain.Proofs{byCode}, needs(hwk, domain.MethodPassword), nil},
		"two codes are one factor":                 {strict, verified, []domain.Method{otp}, domain.Proofs{byCode, byCode2}, needs(domain.MethodPassword), nil},
		"the only second factor first":             {domain.SignInPolicy{}, verified, []domain.Method{otp}, domain.Proofs{byCode}, needs(domain.MethodPassword), nil},
		"two factors, not the one that is set up":  {strict, verified, []domain.Method{otp}, domain.Proofs{byPassword, byMail}, needs(otp), nil},
		"three factors":                            {strict, verified, []domain.Method{otp}, domain.Proofs{byMail, byPassword, byCode}, done, nil},
		"one proof that makes up two factors":      {strict, verified, []domain.Method{otp}, domain.Proofs{byPasskey}, done, nil},
		"the role needs two and has one more":      {strict, admin, []domain.Method{otp}, domain.Proofs{byPassword}, needs(otp), nil},
		"the role needs two and proved two":        {strict, admin, []domain.Method{otp}, domain.Proofs{byPassword, byCode}, done, nil},
		"the role needs two, proved by any two":    {strict, admin, nil, domain.Proofs{byPassword, byMail}, done, nil},
		"the role needs two and none is set up":    {strict, admin, nil, domain.Proofs{byPassword}, domain.SignInStep{}, domain.ErrForbidden},
		"no password, and the only factor is used": {strict, dropped, []domain.Method{otp}, domain.Proofs{byCode}, domain.SignInStep{}, domain.ErrForbidden},
		"the role needs one only":                  {domain.SignInPolicy{}, admin, nil, domain.Proofs{byPassword}, done, nil},
	} {
		user := newAlice(t)
		c.user(user)
		step, err := c.policy.Next(user, c.enrolled, c.proofs)
		assert.Equal(t, c.want, step, name)
		if c.err == nil {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, c.err, name)
		}
	}
}

// F-M2: an open session goes on only while its user could sign in.
func TestSignInPolicy_Continue(t *testing.T) {
	t.Parallel()
	strict := domain.SignInPolicy{VerificationRequired: true, TwoFactorRoles: []domain.Role{domain.RoleUser}}
	user := newAlice(t)
	require.NoError(t, domain.SignInPolicy{}.Continue(user))
	require.ErrorIs(t, strict.Admit(user), domain.ErrEmailNotVerified)
	require.ErrorIs(t, strict.Continue(user), domain.ErrSessionEnded)
	user.VerifyEmail(start)
	require.NoError(t, strict.Continue(user), "what the user has proved is not asked again")
	user.Disable(start)
	require.ErrorIs(t, domain.SignInPolicy{}.Admit(user), domain.ErrAccountDisabled)
	require.ErrorIs(t, domain.SignInPolicy{}.Continue(user), domain.ErrSessionEnded)
}

func TestProofs_CountSourcesAndNameMethods(t *testing.T) {
	t.Parallel()
	proofs := domain.Proofs{byPassword}.With(byCode)
	assert.Equal(t, []domain.Method{domain.MethodPassword, otp, domain.MethodMultiFactor}, proofs.Methods())
	assert.Equal(t, byCode.At, proofs.LastAt())
	assert.Equal(t, []domain.Method{hwk, domain.MethodMultiFactor}, domain.Proofs{byPasskey}.Methods())
	newer := byCode
	newer.At = start.Add(time.Minute)
	assert.Equal(t, domain.Proofs{byPassword, newer}, proofs.With(newer), "a newer proof of one source replaces the older")
	assert.Equal(t, domain.Proofs{byPassword, byCode}, proofs, "the given proofs do not change")
	assert.Zero(t, domain.Proofs(nil).Factors())
	assert.Equal(t, 1, proofs[:1].With(domain.ProofByPassword(later)).Factors(), "one source")
	assert.Equal(t, 1, domain.Proofs{byCode, byCode2}.Factors(), "one method")
	assert.Equal(t, 1, domain.Proofs{byMail, {Method: "link", Source: byMail.Source}}.Factors(), "one source by two methods")
	assert.Equal(t, 2, domain.Proofs{byCode, byCode2, {Method: "link", Source: byCode.Source}}.Factors())
	assert.Zero(t, domain.Proofs(nil).LastAt())
	assert.Empty(t, domain.Proofs(nil).Methods())
}

func TestStartSession_RecordsTheProofs(t *testing.T) {
	t.Parallel()
	s := domain.StartSession(sessionID, newAlice(t), domain.Proofs{byPassword, byCode}, domain.Client{}, lives, later)
	assert.Equal(t, "pwd otp mfa", s.Snapshot().Methods)
	assert.Equal(t, byCode.At, s.AuthenticatedAt(), "the last proof")
	assert.Equal(t, []domain.Method{domain.MethodPassword, otp, domain.MethodMultiFactor}, rules.Access(s, domain.RoleUser).Methods)
}

func TestChallenge_IsForOneUserOneEpochOneAddressAndFiveMinutes(t *testing.T) {
	t.Parallel()
	challenge := domain.NewChallenge(newAlice(t), domain.Proofs{byPassword}, start)
	require.NoError(t, challenge.Check(newAlice(t), start))
	require.NoError(t, challenge.Check(newAlice(t), start.Add(5*time.Minute-time.Microsecond)))

	bob := domain.NewUser(bobID, email(t, "alice@example.com"), domain.NewPasswordHash("hash"), domain.RoleUser, start)
	ended := newAlice(t)
	ended.EndSessions(start)
	moved := newAlice(t)
	moved.ChangeEmail(email(t, "new@example.com"), start)
	for name, err := range map[string]error{
		"other user":    challenge.Check(bob, start),
		"older epoch":   challenge.Check(ended, start),
		"other address": challenge.Check(moved, start),
		"expired":       challenge.Check(newAlice(t), start.Add(5*time.Minute)),
		"no proof":      domain.Challenge{UserID: aliceID, Email: "alice@example.com", Epoch: 1, ExpiresAt: later}.Check(newAlice(t), start),
	} {
		require.ErrorIs(t, err, domain.ErrInvalidCredentials, name)
	}
}
