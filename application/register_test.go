package application_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestRegister_MailsALinkThatLetsTheAccountSignIn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	result, err := b.Register.Execute(t.Context(), ports.RegisterCommand{Email: " Ada@Example.COM ", Password: secret(password)})
	require.NoError(t, err)
	assert.Nil(t, result.User, "the answer tells nothing")
	assert.Equal(t, []string{"verify_email " + ada}, b.mails())
	mail, _ := b.mailbox.Last(ada)
	assert.Equal(t, start.Add(domain.MailVerifyEmail.TokenLife()), mail.ExpiresAt)

	user := b.user(ada)
	assert.Equal(t, domain.RoleUser, user.Role()) // V-12
	assert.False(t, user.EmailVerified())
	_, err = b.tryLogin(ada, password)
	require.ErrorIs(t, err, domain.ErrEmailNotVerified)

	require.NoError(t, b.verify(mail.TokenSecret))
	b.requireLive(b.login("ADA@example.com", password)) // V-14: one spelling everywhere
}

func TestRegister_RefusesBadInputBeforeAnyHash(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	for _, test := range []struct {
		email, password string
		want            error
		field           string
	}{
		{"", password, domain.ErrInvalidEmail, "email"},
		{"no address", password, domain.ErrInvalidEmail, "email"},
		{"a@b@example.com", password, domain.ErrInvalidEmail, "email"},         // V-32
		{"\u212aelvin@example.com", password, domain.ErrInvalidEmail, "email"}, // V-13
		{"ali\u200bce@example.com", password, domain.ErrInvalidEmail, "email"},
		{"x@example.com\r\nBcc: y@example.com", password, domain.ErrInvalidEmail, "email"},
		{ada, "", domain.ErrPasswordTooShort, "password"},
		{ada, "seven77", domain.ErrPasswordTooShort, "password"},
		{ada, strings.Repeat("ä", 257), domain.ErrPasswordTooLong, "password"},
		{ada, "correct\x00horse", domain.ErrPasswordUnreadable, "password"},
		{ada, "correct\xffhorse", domain.ErrPasswordUnreadable, "password"},
		{ada, "password123", domain.ErrPasswordCommon, "password"},
		{ada, ada, domain.ErrPasswordFromContext, "password"},
	} {
		cost := b.hashes(func() {
			refusal := b.refused(test.want, func() error { return b.register(test.email, test.password) })
			assert.Equal(t, test.field, refusal.Field)
		})
		assert.Zero(t, cost)
	}
	assert.Empty(t, b.users())
}

// S-15, V-17: the answer and the hashes are the same, the owner is told.
func TestRegister_OverAVerifiedAccountTellsItsOwnerOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	before := b.account(ada, password).Snapshot()
	for _, pass := range []string{password, another} {
		var result ports.RegisterResult
		mails := b.mailed(func() {
			assert.Equal(t, 1, b.hashes(func() {
				var err error
				result, err = b.Register.Execute(t.Context(), ports.RegisterCommand{Email: ada, Password: secret(pass)})
				require.NoError(t, err)
			}))
		})
		assert.Equal(t, ports.RegisterResult{}, result)
		assert.Equal(t, []string{"email_taken " + ada}, mails)
	}
	assert.Equal(t, before, b.user(ada).Snapshot())
	mail, _ := b.mailbox.Last(ada)
	assert.True(t, mail.TokenSecret.IsEmpty(), "a notice has no link")
}

func TestRegister_CostsOneHashWhateverTheAccount(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	register := func(pass string) int {
		return b.hashes(func() { require.NoError(t, b.register(ada, pass)) })
	}
	assert.Equal(t, 1, register(password), "new")
	assert.Equal(t, 1, register(password), "unverified, the same password")
	assert.Equal(t, 1, register(another), "unverified, another password")
	assert.Equal(t, 1, register(another), "unverified, without a password")
	require.NoError(t, b.verify(b.lastSecret(ada)))
	assert.Equal(t, 1, register(another), "verified")
}

func TestRegister_AgainWithTheSamePasswordMailsAgain(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	require.NoError(t, b.register(ada, password))
	first := b.lastSecret(ada)
	before := b.user(ada).Snapshot()
	require.NoError(t, b.register(ada, password)) // a double submit
	assert.Equal(t, before, b.user(ada).Snapshot())
	assert.Equal(t, []string{"verify_email " + ada, "verify_email " + ada}, b.mails())
	second := b.lastSecret(ada)
	assert.False(t, first.Equal(second))

	require.NoError(t, b.verify(first), "a new mail does not void the one before")
	b.login(ada, password)
}

// V-11: neither password counts, whoever clicks; the mailbox decides.
func TestRegister_AgainWithAnotherPasswordLeavesNone(t *testing.T) {
	t.Parallel()
	for name, pick := range map[string]int{"the first link": 0, "the second link": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			require.NoError(t, b.register(ada, password))
			require.NoError(t, b.register(ada, another))
			assert.True(t, b.user(ada).PasswordHash().IsZero())
			for _, pass := range []string{password, another, ""} {
				b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, pass); return err })
			}

			link := b.mailbox.All()[pick].TokenSecret
			mails := b.mailed(func() { require.NoError(t, b.verify(link)) })
			assert.Equal(t, []string{"reset_password " + ada}, mails)
			assert.True(t, b.user(ada).EmailVerified())
			for _, pass := range []string{password, another} {
				b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, pass); return err })
			}

			require.NoError(t, b.reset(b.lastSecret(ada), "chosen by the owner"))
			b.login(ada, "chosen by the owner")
		})
	}
}

func TestRegister_OverAnInvitedAccountGivesItNoPassword(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	_, err := b.CreateUser.Execute(t.Context(), ports.CreateUserCommand{Principal: domain.Operator(), Email: ada, Role: "admin"})
	require.NoError(t, err)
	invitation := b.lastSecret(ada)
	require.NoError(t, b.register(ada, another))
	assert.True(t, b.user(ada).PasswordHash().IsZero())
	require.NoError(t, b.reset(invitation, password), "the invitation still works")
	_, err = b.tryLogin(ada, another)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	b.login(ada, password)
}

// The account is confirmed, dropped or deleted while a second registration is
// checking its password.
func TestRegister_LooksAgainWhenTheAccountChangedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(b *bundle)
		mail      string
		works     string
	}{
		"confirmed": {func(b *bundle) { require.NoError(b.t, b.verify(b.lastSecret(ada))) }, "email_taken", password},
		"deleted": {func(b *bundle) {
			require.NoError(b.t, b.deps.Store.Users.Delete(b.t.Context(), b.user(ada)))
		}, "verify_email", another},
		"dropped": {func(b *bundle) { require.NoError(b.t, b.register(ada, "a third password")) }, "verify_email", ""},
		"given another hash": {func(b *bundle) {
			b.change(ada, func(s *domain.UserSnapshot) {
				s.PasswordHash = b.hasher.HashOutdated(secret(another)).Encoded()
			})
		}, "verify_email", another},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			require.NoError(t, b.register(ada, password))
			b.hasher.beforeVerify = func() { test.meanwhile(b) }
			require.NoError(t, b.register(ada, another))
			mail, _ := b.mailbox.Last(ada)
			assert.Equal(t, test.mail, string(mail.Kind))
			if user := b.user(ada); !user.EmailVerified() {
				require.NoError(t, b.verify(b.lastSecret(ada)))
			}
			for _, pass := range []string{password, another, "a third password"} {
				_, err := b.tryLogin(ada, pass)
				if pass == test.works {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, domain.ErrInvalidCredentials)
				}
			}
		})
	}
}

func TestRegister_WithOptionalVerificationAnswersTheAccount(t *testing.T) {
	t.Parallel()
	b := newBundle(t, optional)
	result, err := b.Register.Execute(t.Context(), ports.RegisterCommand{Email: ada, Password: secret(password)})
	require.NoError(t, err)
	require.NotNil(t, result.User)
	assert.Equal(t, ada, result.User.Email().String())
	tokens := b.login(ada, password)

	require.NoError(t, b.verify(b.lastSecret(ada)))
	b.requireLive(tokens) // verifying ends no session
}

func TestRegister_WithOptionalVerificationATakenAddressConflicts(t *testing.T) {
	t.Parallel()
	b := newBundle(t, optional)
	require.NoError(t, b.register(ada, password))
	for _, verified := range []bool{false, true} {
		for _, pass := range []string{password, another} {
			assert.Equal(t, 1, b.hashes(func() {
				b.refused(domain.ErrEmailTaken, func() error { return b.register(ada, pass) })
			}))
		}
		if !verified {
			require.NoError(t, b.verify(b.lastSecret(ada)))
		}
	}
	b.login(ada, password)
}
