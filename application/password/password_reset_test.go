package password_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// S-16, S-19, V-07.
func TestConfirmPasswordReset_EndsSessionsAndEveryOtherToken(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	unusedLink := b.LastSecret(app.Ada)
	require.NoError(t, b.RequestVerification(app.Ada))
	require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
	sessions := []ports.TokensResult{b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)}
	require.NoError(t, b.ChangeEmail(b.Principal(sessions[0]), app.Moved, app.Password))
	older := b.ResetSecret(app.Ada)
	link := b.ResetSecret(app.Ada)

	mails := b.Mailed(func() {
		assert.Equal(t, 1, b.Hashes(func() { require.NoError(t, b.Reset(link, app.Another)) }))
	})
	assert.Equal(t, []string{"password_changed " + app.Ada}, mails)
	notice, _ := b.Mailer.Last(app.Ada)
	assert.True(t, notice.TokenSecret.IsEmpty())
	for _, session := range sessions {
		b.RequireEnded(session)
	}
	for _, dead := range []domain.Secret{link, older} {
		b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(dead, "a third password") })
	}
	for _, dead := range []domain.Secret{unusedLink, b.LastSecret(app.Moved)} {
		b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(dead) })
	}
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	b.Login(app.Ada, app.Another)
}

// V-11: a stranger who registered the address loses it to its owner.
func TestConfirmPasswordReset_VerifiesTheAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	require.NoError(t, b.Register(app.Ada, app.Password))
	attacker := b.Login(app.Ada, app.Password)
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	assert.True(t, b.User(app.Ada).EmailVerified())
	b.RequireEnded(attacker)
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	b.Login(app.Ada, app.Another)
}

func TestConfirmPasswordReset_ARefusedPasswordLeavesTheTokenUsable(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	link := b.ResetSecret(app.Ada)
	for pass, want := range map[string]error{
		"":                    domain.ErrPasswordTooShort,
		"password123":         domain.ErrPasswordCommon, // S-04
		app.Ada:               domain.ErrPasswordFromContext,
		"nul \x00 in the mid": domain.ErrPasswordUnreadable,
	} {
		assert.Zero(t, b.Hashes(func() {
			refusal := b.Refused(want, func() error { return b.Reset(link, pass) })
			assert.Equal(t, "new_password", refusal.Field)
		}))
	}
	require.NoError(t, b.Reset(link, app.Another))
}

// S-18, V-33: no hash is spent on a token that is no good.
func TestConfirmPasswordReset_RefusesEveryUnusableTokenAlike(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	link := b.ResetSecret(app.Ada)
	require.NoError(t, b.Register(app.Bob, app.Password))
	text := link.Reveal()
	for _, token := range []domain.Secret{{}, app.Secret("junk"), app.Secret(text + "="), app.Secret(text[1:]), app.Secret(text + "\n"), b.LastSecret(app.Bob)} {
		for _, pass := range []string{app.Another, ""} { // the token comes first
			assert.Zero(t, b.Hashes(func() {
				refusal := b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(token, pass) })
				assert.Same(t, domain.ErrInvalidToken, refusal)
			}))
		}
	}
	b.Clock.Advance(time.Hour)
	assert.Zero(t, b.Hashes(func() {
		b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(link, app.Another) })
	}))
	b.Clock.Advance(-time.Microsecond)
	require.NoError(t, b.Reset(link, app.Another))
}

// The token is used up or dies while the new password is being hashed.
func TestConfirmPasswordReset_ChecksTheTokenAgainAfterHashing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *app.Bundle, link domain.Secret){
		"used":    func(b *app.Bundle, link domain.Secret) { require.NoError(b, b.Reset(link, "a third password")) },
		"expired": func(b *app.Bundle, _ domain.Secret) { b.Clock.Advance(time.Hour) },
		"disabled": func(b *app.Bundle, _ domain.Secret) {
			require.NoError(b, b.SetStatus(domain.Operator(), b.User(app.Ada).ID().String(), "disabled"))
		},
		"deleted": func(b *app.Bundle, _ domain.Secret) {
			require.NoError(b, b.DeleteUser(domain.Operator(), b.User(app.Ada).ID().String()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			link := b.ResetSecret(app.Ada)
			var after app.State
			b.Hasher.BeforeHash = func() { end(b, link); after = b.State() }
			require.ErrorIs(t, b.Reset(link, app.Another), domain.ErrInvalidToken)
			assert.Equal(t, after, b.State())
		})
	}
}

// A reset must not keep a password that must change. The refusal leaves the token unused and
// costs one check; another password costs one hash more (V-06).
func TestConfirmPasswordReset_RefusesThePasswordThatMustChange(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.PasswordChangeRequired = true })
	link := b.ResetSecret(app.Ada)
	assert.Equal(t, 1, b.Hashes(func() {
		refusal := b.Refused(domain.ErrSamePassword, func() error { return b.Reset(link, app.Password) })
		assert.Equal(t, "new_password", refusal.Field)
	}))
	assert.Zero(t, b.Hashes(func() {
		b.Refused(domain.ErrPasswordTooShort, func() error { return b.Reset(link, "short") })
	}))
	assert.True(t, b.User(app.Ada).PasswordChangeRequired())
	assert.Equal(t, 2, b.Hashes(func() { require.NoError(t, b.Reset(link, app.Another)) }))
	assert.Zero(t, b.Hasher.Held())
	assert.False(t, b.User(app.Ada).PasswordChangeRequired())
	b.Login(app.Ada, app.Another)
}

// S-15: without a demand, the answer does not tell whether the new password is the present one.
func TestConfirmPasswordReset_TakesThePresentPasswordWithoutADemand(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	assert.Equal(t, 1, b.Hashes(func() { require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Password)) }))
	b.Login(app.Ada, app.Password)
}

// A demand that comes while the new password is being hashed stands, because that password
// was not compared with the present one.
func TestConfirmPasswordReset_KeepsADemandThatCameMeanwhile(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	link := b.ResetSecret(app.Ada)
	b.Hasher.BeforeHash = func() {
		required := true
		_, err := b.ChangeUser(ports.ChangeUserCommand{
			Principal: domain.Operator(), UserID: b.User(app.Ada).ID().String(), PasswordChangeRequired: &required,
		})
		require.NoError(t, err)
	}
	require.NoError(t, b.Reset(link, app.Password))
	assert.True(t, b.User(app.Ada).PasswordChangeRequired())
	_, err := b.TryLogin(app.Ada, app.Password)
	require.ErrorIs(t, err, domain.ErrPasswordChangeRequired)
}

func TestConfirmPasswordReset_RefusesADisabledAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	link := b.ResetSecret(app.Ada)
	id := b.User(app.Ada).ID().String()
	require.NoError(t, b.SetStatus(domain.Operator(), id, "disabled"))
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(link, app.Another) })
	require.NoError(t, b.SetStatus(domain.Operator(), id, "active"))
	require.NoError(t, b.Reset(link, app.Another))
}

// S-15: only addresses with an active account are mailed; V-13: at the stored address.
func TestRequestPasswordReset_MailsActiveAccountsOnly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	require.NoError(t, b.Register("unverified@example.com", app.Password))
	b.Account("disabled@example.com", app.Password)
	b.Edit("disabled@example.com", func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
	for address, want := range map[string][]string{
		"ADA@Example.com":        {"reset_password " + app.Ada},
		"unverified@example.com": {"reset_password unverified@example.com"},
		"disabled@example.com":   {},
		"unknown@example.com":    {},
	} {
		assert.Zero(t, b.Hashes(func() {
			assert.Equal(t, want, b.Mailed(func() { require.NoError(t, b.RequestReset(address)) }))
		}))
	}
	mail, _ := b.Mailer.Last(app.Ada)
	assert.Equal(t, app.Start.Add(time.Hour), mail.ExpiresAt)
	for _, address := range []string{"", "no address", "ａda@example.com", "ada@example.com.", "ada\u200b@example.com"} {
		b.Refused(domain.ErrInvalidEmail, func() error { return b.RequestReset(address) })
	}
}
