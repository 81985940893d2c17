package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// F-H2: what confirming an address does, for every state of the password.
func TestJudgeConfirmation(t *testing.T) {
	t.Parallel()
	edited := func(edit func(s *domain.UserSnapshot)) *domain.User {
		s := newAlice(t).Snapshot()
		edit(&s)
		u, err := domain.RestoreUser(s)
		require.NoError(t, err)
		return u
	}
	set := newAlice(t)
	none := edited(func(s *domain.UserSnapshot) { s.PasswordHash = "" })
	withheld := edited(func(s *domain.UserSnapshot) { s.Role = "admin" })
	confirmed := edited(func(s *domain.UserSnapshot) { s.EmailVerified = true })
	imported := edited(func(s *domain.UserSnapshot) { s.EmailVerified, s.PasswordHash = true, "" })
	drops, ends := domain.Confirmed{DropsPassword: true, MailsReset: true}, domain.Confirmed{EndsSessions: true, MailsReset: true}
	keeps, mails, unproven := domain.Confirmed{}, domain.Confirmed{MailsReset: true}, domain.Confirmed{Unproven: true}
	nothing := domain.Evidence{}
	for name, c := range map[string]struct {
		user     *domain.User
		evidence domain.Evidence
		disowned bool
		// want is by keep, drop and refuse; nil is ErrProofRequired.
		want [3]*domain.Confirmed
	}{
		"by the password":                  {set, domain.Evidence{Password: true}, false, [3]*domain.Confirmed{&keeps, &keeps, &keeps}},
		"by an access token":               {set, domain.Evidence{Session: true}, false, [3]*domain.Confirmed{&keeps, &keeps, &keeps}},
		"by the browser":                   {set, domain.Evidence{Browser: true}, false, [3]*domain.Confirmed{&keeps, &keeps, &keeps}},
		"by nothing":                       {set, nothing, false, [3]*domain.Confirmed{&unproven, &drops, nil}},
		"disowned":                         {set, nothing, true, [3]*domain.Confirmed{&drops, &drops, &drops}},
		"disowned in spite of proof":       {set, domain.Evidence{Browser: true, Session: true}, true, [3]*domain.Confirmed{&drops, &drops, &drops}},
		"no password":                      {none, nothing, false, [3]*domain.Confirmed{&ends, &ends, &ends}},
		"no password, disowned":            {none, nothing, true, [3]*domain.Confirmed{&ends, &ends, &ends}},
		"no password, by an access token":  {none, domain.Evidence{Session: true}, false, [3]*domain.Confirmed{&mails, &mails, &mails}},
		"a withheld role":                  {withheld, nothing, false, [3]*domain.Confirmed{&drops, &drops, &drops}},
		"a withheld role, by the password": {withheld, domain.Evidence{Password: true}, false, [3]*domain.Confirmed{&drops, &drops, &drops}},
		"confirmed before":                 {confirmed, nothing, false, [3]*domain.Confirmed{&keeps, &keeps, &keeps}},
		"confirmed before, disowned":       {confirmed, nothing, true, [3]*domain.Confirmed{&mails, &mails, &mails}},
		"confirmed before, no password":    {imported, nothing, false, [3]*domain.Confirmed{&mails, &mails, &mails}},
	} {
		for i, u := range []domain.Unproven{domain.UnprovenKeep, domain.UnprovenDrop, domain.UnprovenRefuse} {
			got, err := domain.JudgeConfirmation(c.user, c.evidence, c.disowned, u)
			if c.want[i] == nil {
				require.ErrorIs(t, err, domain.ErrProofRequired, name)
				continue
			}
			require.NoError(t, err, name)
			assert.Equal(t, *c.want[i], got, "%s, %s", name, u)
		}
	}
}

func TestUser_ConfirmDropsWhatWasJudged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		confirmed domain.Confirmed
		hash      string
		epoch     int64
	}{
		"nothing":          {domain.Confirmed{}, "alice's hash", 1},
		"unproven":         {domain.Confirmed{Unproven: true}, "alice's hash", 1},
		"the sessions":     {domain.Confirmed{EndsSessions: true}, "alice's hash", 2},
		"password and all": {domain.Confirmed{DropsPassword: true}, "", 2},
	} {
		u := newAlice(t)
		u.Claim(domain.NewSecret("browser"), start)
		want := newAlice(t).Snapshot()
		want.EmailVerified, want.UpdatedAt, want.PasswordHash, want.SessionEpoch = true, later, c.hash, c.epoch
		u.Confirm(c.confirmed, later)
		assert.Equal(t, want, u.Snapshot(), name)
	}
}

// F-H2: the secret proves that its browser chose the password that stands, and nothing
// else.
func TestUser_ClaimedWithTheSecretOfTheStandingPassword(t *testing.T) {
	t.Parallel()
	mine, other := domain.NewSecret("mine"), domain.NewSecret("other")
	hash := domain.NewPasswordHash("new hash")
	for name, c := range map[string]struct {
		then func(u *domain.User)
		want bool
	}{
		"nothing":               {func(*domain.User) {}, true},
		"an upgraded hash":      {func(u *domain.User) { u.UpgradeHash(hash, later) }, true},
		"a newer browser":       {func(u *domain.User) { u.Claim(other, later) }, false},
		"another registration":  {func(u *domain.User) { u.Contest(later) }, false},
		"another password":      {func(u *domain.User) { u.SetPassword(hash, later) }, false},
		"no password":           {func(u *domain.User) { u.DropPassword(later) }, false},
		"a confirmed address":   {func(u *domain.User) { u.VerifyEmail(later) }, false},
		"an invitation":         {func(u *domain.User) { u.Invite(domain.RoleAdmin, later) }, false},
		"an accepted one":       {func(u *domain.User) { u.AcceptInvitation(hash, later) }, false},
		"another address":       {func(u *domain.User) { u.ChangeEmail(email(t, "alice@example.org"), later) }, false},
		"a new one after a row": {func(u *domain.User) { u.Contest(later); u.Claim(mine, later) }, false},
	} {
		u := newAlice(t)
		assert.False(t, u.ClaimedWith(mine), "no claim")
		assert.False(t, u.ClaimedWith(domain.Secret{}), "no claim")
		u.Claim(mine, later)
		assert.False(t, u.ClaimedWith(other))
		assert.False(t, u.ClaimedWith(domain.Secret{}))
		c.then(u)
		assert.Equal(t, c.want, u.ClaimedWith(mine), name)
	}
}

// F-L1: a registration with another password takes the password, and no session.
func TestUser_ContestLeavesTheSessions(t *testing.T) {
	t.Parallel()
	u := newAlice(t)
	want := u.Snapshot()
	want.PasswordHash, want.Contested, want.UpdatedAt = "", true, later
	earlier := newAlice(t)
	require.True(t, u.StillProves(earlier))
	u.Contest(later)
	assert.Equal(t, want, u.Snapshot())
	assert.Equal(t, domain.PasswordDropped, u.PasswordState())
	assert.False(t, u.StillProves(earlier), "a login that was hashing does not survive it")

	earlier = u
	u, err := domain.RestoreUser(earlier.Snapshot())
	require.NoError(t, err)
	assert.True(t, u.StillProves(earlier))
	u.SetPassword(domain.NewPasswordHash("new hash"), later)
	assert.False(t, u.Snapshot().Contested)
	assert.False(t, u.StillProves(earlier))
	upgraded := newAlice(t)
	upgraded.UpgradeHash(domain.NewPasswordHash("new hash"), later)
	assert.True(t, upgraded.StillProves(newAlice(t)), "the password is the same")
}

// F-A19: a used token confirms again for a moment, as long as nothing else changed.
func TestToken_RepeatsAConfirmation(t *testing.T) {
	t.Parallel()
	used := start.Add(time.Minute)
	edge := used.Add(domain.RepeatLife)
	confirmed := func(then func(u *domain.User)) *domain.User {
		u := newAlice(t)
		u.VerifyEmail(used)
		then(u)
		return u
	}
	same := confirmed(func(*domain.User) {})
	moved := confirmed(func(u *domain.User) { u.ChangeEmail(email(t, "alice@example.org"), used) })
	redeemed := func(purpose domain.MailKind) *domain.Token {
		token := newToken(newAlice(t), purpose)
		if purpose == domain.MailChangeEmail {
			token = domain.IssueEmailChange(tokenID, newAlice(t), email(t, "alice@example.org"), start)
		}
		require.NoError(t, token.Redeem(newAlice(t), used))
		return token
	}
	bob := domain.NewUser(bobID, same.Email(), domain.PasswordHash{}, domain.RoleUser, start)
	bob.VerifyEmail(used)
	for name, c := range map[string]struct {
		token *domain.Token
		user  *domain.User
		now   time.Time
		want  bool
	}{
		"at once":              {redeemed(domain.MailVerifyEmail), same, used, true},
		"another clock":        {redeemed(domain.MailVerifyEmail), same, used.Add(-time.Second), true},
		"just in time":         {redeemed(domain.MailVerifyEmail), same, edge.Add(-time.Microsecond), true},
		"too late":             {redeemed(domain.MailVerifyEmail), same, edge, false},
		"unused":               {newToken(newAlice(t), domain.MailVerifyEmail), same, used, false},
		"another address":      {redeemed(domain.MailVerifyEmail), moved, used, false},
		"another user":         {redeemed(domain.MailVerifyEmail), bob, used, false},
		"a disabled account":   {redeemed(domain.MailVerifyEmail), confirmed(func(u *domain.User) { u.Disable(used) }), used, false},
		"a reset":              {redeemed(domain.MailResetPassword), same, used, false},
		"an invitation":        {redeemed(domain.MailInvitation), same, used, false},
		"a change":             {redeemed(domain.MailChangeEmail), moved, used, true},
		"a change, moved back": {redeemed(domain.MailChangeEmail), same, used, false},
	} {
		assert.Equal(t, c.want, c.token.Repeats(c.user, c.now), name)
	}
}
