package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// changing returns Ada's session and the secret that moves her account.
func changing(b *app.Bundle) (domain.Principal, domain.Secret) {
	b.Helper()
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	require.NoError(b, b.ChangeEmail(p, app.Moved, app.Password))
	return p, b.LastSecret(app.Moved)
}

// F-M5: a stranger who presses the button gives the address to nobody.
func TestConfirmChange_NeedsAProofOfTheAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p, link := changing(b)
	b.Account(app.Bob, app.Password)
	stranger := b.SignIn(app.Bob, app.Password)
	b.Refused(domain.ErrConfirmationRequired, func() error { return b.Verify(link) })
	b.Refused(domain.ErrConfirmationRequired, func() error { return b.ConfirmAs(stranger, link) })
	b.Refused(domain.ErrConfirmationRequired, func() error { return b.ConfirmAs(domain.Operator(), link) })
	refusal := b.Refused(domain.ErrWrongPassword, func() error { return b.Confirm(link, app.Another) })
	assert.Equal(t, "password", refusal.Field)

	assert.Equal(t, []string{"undo_email " + app.Ada}, b.Mailed(func() { require.NoError(t, b.ConfirmAs(p, link)) }), "every refusal left the link usable")
	assert.Equal(t, app.Moved, b.User(app.Moved).Email().String())
	// F-A19: the answer shows the account, so that the repetition needs the proof as well.
	b.Refused(domain.ErrConfirmationRequired, func() error { return b.Verify(link) })
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.ConfirmAs(p, link)) }))
	b.Clock.Advance(domain.RepeatLife)
	b.Refused(domain.ErrInvalidToken, func() error { return b.ConfirmAs(p, link) })
}

// F-M5: the password alone does as well, in a browser without a session.
func TestConfirmChange_TakesThePassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p, link := changing(b)
	b.LogoutEverywhere(p)
	assert.Equal(t, 1, b.Hashes(func() { require.NoError(t, b.Confirm(link, app.Password)) }))
	b.Login(app.Moved, app.Password)
}

// F-M5: a given password must be right, even beside a session.
func TestConfirmChange_AWrongPasswordIsRefusedBesideASession(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p, link := changing(b)
	b.Refused(domain.ErrWrongPassword, func() error {
		_, err := b.UseCases.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{
			TokenSecret: link, Principal: p, Confirmation: &ports.Confirmation{Password: app.Secret(app.Another)}, Origin: b.From,
		})
		return err
	})
}

// F-M5: guesses count like all others inside an account, before a hash, and are recorded.
func TestConfirmChange_GuessesAreLimitedAndRecorded(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	_, link := changing(b)
	b.Limit(ports.LimitPasswordCheckUser, domain.Quota{Events: 2, Per: time.Hour})
	refused := b.About(domain.EventPasswordRefused, app.Ada, "")
	for range 2 {
		assert.Equal(t, []app.Entry{refused}, b.Entries(func() { require.ErrorIs(t, b.Confirm(link, app.Another), domain.ErrWrongPassword) }))
	}
	assert.Zero(t, b.Hashes(func() {
		b.Refused(domain.ErrRateLimited, func() error { return b.Confirm(link, app.Password) })
	}))
}

// F-M5, F-M7: a stranger who reads the mail cannot go on guessing, and uses up nothing of
// the owner's.
func TestConfirmChange_TwentyWrongPasswordsEndTheToken(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p, link := changing(b)
	for range domain.MaxTokenFailures - 1 {
		require.ErrorIs(t, b.Confirm(link, app.Another), domain.ErrWrongPassword)
	}
	b.Refused(domain.ErrConfirmationRequired, func() error { return b.Verify(link) })
	require.ErrorIs(t, b.Confirm(link, app.Another), domain.ErrWrongPassword)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Confirm(link, app.Password) })

	b.Limit(ports.LimitPasswordCheckUser, domain.Quota{Events: 1, Per: time.Hour})
	require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
	require.ErrorIs(t, b.Confirm(b.LastSecret(app.Moved), app.Another), domain.ErrWrongPassword, "a new token begins anew")
}

// F-M5: what changes while the password is being checked decides.
func TestConfirmChange_HoldsOnlyWithTheProofThatWasChecked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(b *app.Bundle, p domain.Principal)
		want      error
	}{
		"a new password": {func(b *app.Bundle, p domain.Principal) {
			require.NoError(b, b.ChangePassword(p, app.Password, app.Another))
		}, domain.ErrInvalidToken},
		"another hash": {func(b *app.Bundle, _ domain.Principal) {
			b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.PasswordHash = "another hash" })
		}, domain.ErrWrongPassword},
		"disabled": {func(b *app.Bundle, _ domain.Principal) {
			require.NoError(b, b.SetStatus(domain.Operator(), b.User(app.Ada).ID().String(), "disabled"))
		}, domain.ErrInvalidToken},
		"deleted": {func(b *app.Bundle, _ domain.Principal) {
			require.NoError(b, b.DeleteUser(domain.Operator(), b.User(app.Ada).ID().String()))
		}, domain.ErrInvalidToken},
		"a taken address": {func(b *app.Bundle, _ domain.Principal) { b.Account(app.Moved, app.Password) }, domain.ErrInvalidToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			p, link := changing(b)
			var after app.State
			b.Hasher.BeforeVerify = func() { test.meanwhile(b, p); after = b.State() }
			require.ErrorIs(t, b.Confirm(link, app.Password), test.want)
			assert.Equal(t, after, b.State())
		})
	}
}

// F-M5: a session that has ended proves nothing.
func TestConfirmChange_AnEndedSessionIsRefused(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p, link := changing(b)
	b.LogoutEverywhere(p)
	b.Refused(domain.ErrSessionEnded, func() error { return b.ConfirmAs(p, link) })
}

// F-M5: the mail names the account, and does not accuse its reader of having asked.
func TestChangeEmail_TheMailNamesTheAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	changing(b)
	mail, _ := b.Mailer.Last(app.Moved)
	assert.Equal(t, domain.MailChangeEmail, mail.Kind)
	assert.Equal(t, app.Ada, mail.Account.String())
}

// F-M2: where a confirmed address is required, the session of an unconfirmed user confirms
// the own address and no other.
func TestConfirmChange_RefusesTheSessionOfAnUnconfirmedUser(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	require.NoError(t, b.Register(app.Ada, app.Password))
	p := b.SignIn(app.Ada, app.Password)
	require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
	link := b.LastSecret(app.Moved)
	required := b.Reconfigured(func(s *assembly.Settings) { s.EmailVerificationRequired = true })
	b.Refused(domain.ErrSessionEnded, func() error {
		_, err := required.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: link, Principal: p})
		return err
	})
	require.NoError(t, b.ConfirmAs(p, link))
}
