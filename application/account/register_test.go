package account_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestRegister_MailsALinkThatLetsTheAccountSignIn(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	result, err := b.UseCases.Register.Execute(t.Context(), ports.RegisterCommand{Email: " Ada@Example.COM ", Password: app.Secret(app.Password)})
	require.NoError(t, err)
	assert.Nil(t, result.User, "the answer tells nothing")
	assert.Equal(t, []string{"verify_email " + app.Ada}, b.Mails())
	mail, _ := b.Mailer.Last(app.Ada)
	assert.Equal(t, app.Start.Add(domain.MailVerifyEmail.TokenLife()), mail.ExpiresAt)

	user := b.User(app.Ada)
	assert.Equal(t, domain.RoleUser, user.Role()) // V-12
	assert.False(t, user.EmailVerified())
	_, err = b.TryLogin(app.Ada, app.Password)
	require.ErrorIs(t, err, domain.ErrEmailNotVerified)

	require.NoError(t, b.Verify(mail.TokenSecret))
	b.RequireLive(b.Login("ADA@example.com", app.Password)) // V-14: one spelling everywhere
}

func TestRegister_RefusesBadInputBeforeAnyHash(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	for _, test := range []struct {
		email, password string
		want            error
		field           string
	}{
		{"", app.Password, domain.ErrInvalidEmail, "email"},
		{"no address", app.Password, domain.ErrInvalidEmail, "email"},
		{"a@b@example.com", app.Password, domain.ErrInvalidEmail, "email"},         // V-32
		{"\u212aelvin@example.com", app.Password, domain.ErrInvalidEmail, "email"}, // V-13
		{"ali\u200bce@example.com", app.Password, domain.ErrInvalidEmail, "email"},
		{"x@example.com\r\nBcc: y@example.com", app.Password, domain.ErrInvalidEmail, "email"},
		{app.Ada, "", domain.ErrPasswordTooShort, "password"},
		{app.Ada, "seven77", domain.ErrPasswordTooShort, "password"},
		{app.Ada, strings.Repeat("ä", 257), domain.ErrPasswordTooLong, "password"},
		{app.Ada, "correct\x00horse", domain.ErrPasswordUnreadable, "password"},
		{app.Ada, "correct\xffhorse", domain.ErrPasswordUnreadable, "password"},
		{app.Ada, "password123", domain.ErrPasswordCommon, "password"},
		{app.Ada, app.Ada, domain.ErrPasswordFromContext, "password"},
	} {
		cost := b.Hashes(func() {
			refusal := b.Refused(test.want, func() error { return b.Register(test.email, test.password) })
			assert.Equal(t, test.field, refusal.Field)
		})
		assert.Zero(t, cost)
	}
	assert.Empty(t, b.Users())
}

// S-15, V-17: the answer and the hashes are the same, the owner is told.
func TestRegister_OverAVerifiedAccountTellsItsOwnerOnly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	before := b.Account(app.Ada, app.Password).Snapshot()
	for _, pass := range []string{app.Password, app.Another} {
		var result ports.RegisterResult
		mails := b.Mailed(func() {
			assert.Equal(t, 1, b.Hashes(func() {
				var err error
				result, err = b.UseCases.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(pass)})
				require.NoError(t, err)
			}))
		})
		assert.Nil(t, result.User)
		assert.False(t, result.BrowserSecret.IsEmpty(), "as for a free address")
		assert.Equal(t, []string{"email_taken " + app.Ada}, mails)
	}
	assert.Equal(t, before, b.User(app.Ada).Snapshot())
	mail, _ := b.Mailer.Last(app.Ada)
	assert.True(t, mail.TokenSecret.IsEmpty(), "a notice has no link")
}

func TestRegister_CostsOneHashWhateverTheAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	register := func(pass string) int {
		return b.Hashes(func() { require.NoError(t, b.Register(app.Ada, pass)) })
	}
	assert.Equal(t, 1, register(app.Password), "new")
	assert.Equal(t, 1, register(app.Password), "unverified, the same password")
	assert.Equal(t, 1, register(app.Another), "unverified, another password")
	assert.Equal(t, 1, register(app.Another), "unverified, without a password")
	require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
	assert.Equal(t, 1, register(app.Another), "verified")
}

func TestRegister_AgainWithTheSamePasswordMailsAgain(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	first := b.LastSecret(app.Ada)
	before := b.User(app.Ada).Snapshot()
	require.NoError(t, b.Register(app.Ada, app.Password)) // a double submit
	after := b.User(app.Ada).Snapshot()
	assert.NotEqual(t, before.ClaimHash, after.ClaimHash, "the newest browser counts")
	before.ClaimHash, before.Version = after.ClaimHash, after.Version
	assert.Equal(t, before, after)
	assert.Equal(t, []string{"verify_email " + app.Ada, "verify_email " + app.Ada}, b.Mails())
	second := b.LastSecret(app.Ada)
	assert.False(t, first.Equal(second))

	require.NoError(t, b.Verify(first), "a new mail does not void the one before")
	b.Login(app.Ada, app.Password)
}

// V-11: neither password counts, whichever link is used. The owner of the mailbox
// chooses a new one.
func TestRegister_AgainWithAnotherPasswordLeavesNone(t *testing.T) {
	t.Parallel()
	for name, pick := range map[string]int{"the first link": 0, "the second link": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			require.NoError(t, b.Register(app.Ada, app.Password))
			require.NoError(t, b.Register(app.Ada, app.Another))
			assert.True(t, b.User(app.Ada).PasswordHash().IsZero())
			for _, pass := range []string{app.Password, app.Another, ""} {
				b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, pass); return err })
			}

			link := b.Mailer.All()[pick].TokenSecret
			mails := b.Mailed(func() { require.NoError(t, b.Verify(link)) })
			assert.Equal(t, []string{"reset_password " + app.Ada}, mails)
			assert.True(t, b.User(app.Ada).EmailVerified())
			for _, pass := range []string{app.Password, app.Another} {
				b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, pass); return err })
			}

			require.NoError(t, b.Reset(b.LastSecret(app.Ada), "chosen by the owner"))
			b.Login(app.Ada, "chosen by the owner")
		})
	}
}

func TestRegister_OverAnInvitedAccountGivesItNoPassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	_, err := b.UseCases.CreateUser.Execute(t.Context(), ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada, Role: "admin"})
	require.NoError(t, err)
	invitation := b.LastSecret(app.Ada)
	require.NoError(t, b.Register(app.Ada, app.Another))
	assert.True(t, b.User(app.Ada).PasswordHash().IsZero())
	require.NoError(t, b.Reset(invitation, app.Password), "the invitation still works")
	_, err = b.TryLogin(app.Ada, app.Another)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	b.Login(app.Ada, app.Password)
}

// The account is confirmed, dropped or deleted while a second registration is
// checking its password.
func TestRegister_LooksAgainWhenTheAccountChangedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(b *app.Bundle)
		mail      string
		works     string
	}{
		"confirmed": {func(b *app.Bundle) { require.NoError(b, b.Verify(b.LastSecret(app.Ada))) }, "email_taken", app.Password},
		"deleted": {func(b *app.Bundle) {
			require.NoError(b, b.Ports.Store.Users.Delete(b.Context(), b.User(app.Ada)))
		}, "verify_email", app.Another},
		"dropped": {func(b *app.Bundle) { require.NoError(b, b.Register(app.Ada, "a third password")) }, "verify_email", ""},
		"given another hash": {func(b *app.Bundle) {
			b.Edit(app.Ada, func(s *domain.UserSnapshot) {
				s.PasswordHash = b.Hasher.HashOutdated(app.Secret(app.Another)).Encoded()
			})
		}, "verify_email", app.Another},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			require.NoError(t, b.Register(app.Ada, app.Password))
			b.Hasher.BeforeVerify = func() { test.meanwhile(b) }
			require.NoError(t, b.Register(app.Ada, app.Another))
			mail, _ := b.Mailer.Last(app.Ada)
			assert.Equal(t, test.mail, string(mail.Kind))
			if user := b.User(app.Ada); !user.EmailVerified() {
				require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
			}
			for _, pass := range []string{app.Password, app.Another, "a third password"} {
				_, err := b.TryLogin(app.Ada, pass)
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
	b := app.New(t, app.Optional)
	result, err := b.UseCases.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(app.Password)})
	require.NoError(t, err)
	require.NotNil(t, result.User)
	assert.Equal(t, app.Ada, result.User.Email().String())
	tokens := b.Login(app.Ada, app.Password)

	require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
	b.RequireLive(tokens) // verifying ends no session
}

func TestRegister_WithOptionalVerificationATakenAddressConflicts(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	require.NoError(t, b.Register(app.Ada, app.Password))
	for _, verified := range []bool{false, true} {
		for _, pass := range []string{app.Password, app.Another} {
			assert.Equal(t, 1, b.Hashes(func() {
				b.Refused(domain.ErrEmailTaken, func() error { return b.Register(app.Ada, pass) })
			}))
		}
		if !verified {
			require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
		}
	}
	b.Login(app.Ada, app.Password)
}
