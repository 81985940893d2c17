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

// What comes with the token of a verification mail.
type proof = func(cmd *ports.VerifyEmailCommand)

func byNothing(*ports.VerifyEmailCommand)      {}
func demanding(cmd *ports.VerifyEmailCommand)  { cmd.RequireProof = true }
func dontKnowIt(cmd *ports.VerifyEmailCommand) { cmd.DropPassword = true }
func byBrowser(secret domain.Secret) proof {
	return func(cmd *ports.VerifyEmailCommand) { cmd.BrowserSecret = secret }
}
func bySession(principal domain.Principal) proof {
	return func(cmd *ports.VerifyEmailCommand) { cmd.Principal = principal }
}
func byPassword(pass string) proof {
	return func(cmd *ports.VerifyEmailCommand) {
		cmd.Confirmation = &ports.Confirmation{Password: app.Secret(pass)}
	}
}

// refusedLogins demands that none of the passwords signs in.
func refusedLogins(b *app.Bundle, passwords ...string) {
	b.Helper()
	for _, pass := range passwords {
		b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, pass); return err })
	}
}

const chosen = "chosen by the owner"

// V-11, F-H2: a stranger registered Ada's address and Ada confirms it, in both modes of
// verification. Only the stranger could prove the password, so it never signs in, and
// nothing that the stranger has in hand survives.
func TestVerifyEmail_AStrangerWhoRegisteredTheAddressGainsNothing(t *testing.T) {
	t.Parallel()
	required := func(*assembly.Settings) {}
	for name, c := range map[string]struct {
		mode, setting func(*assembly.Settings)
		by            proof
	}{
		"I don't know it":                        {required, required, dontKnowIt},
		"I don't know it, optional verification": {app.Optional, required, dontKnowIt},
		"the token alone, drop":                  {required, app.DropUnproven, byNothing},
		"the token alone, drop, optional":        {app.Optional, app.DropUnproven, byNothing},
		"another browser's secret, drop":         {required, app.DropUnproven, byBrowser(app.Secret("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t, c.mode, c.setting)
			require.NoError(t, b.Register(app.Ada, app.Password))
			link := b.LastSecret(app.Ada)
			var tokens ports.TokensResult
			if !b.Settings.EmailVerificationRequired {
				tokens = b.Login(app.Ada, app.Password)
				require.NoError(t, b.ChangeEmail(b.Principal(tokens), "mallory@example.org", app.Password))
			}
			b.Refused(domain.ErrProofRequired, func() error { return b.VerifyWith(link, demanding) })

			id := b.User(app.Ada).ID()
			var entries []app.Entry
			mails := b.Mailed(func() {
				entries = b.Entries(func() { require.NoError(t, b.VerifyWith(link, c.by)) })
			})
			assert.Equal(t, []string{"reset_password " + app.Ada}, mails)
			assert.Equal(t, []app.Entry{
				{Type: domain.EventEmailVerified, Actor: id, Subject: id}, {Type: domain.EventPasswordDropped, Actor: id, Subject: id},
			}, entries)
			assert.True(t, b.User(app.Ada).EmailVerified())
			refusedLogins(b, app.Password, "")
			if !b.Settings.EmailVerificationRequired {
				b.RequireEnded(tokens)
				b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(b.LastSecret("mallory@example.org")) })
			}
			require.NoError(t, b.Reset(b.LastSecret(app.Ada), chosen))
			b.Login(app.Ada, chosen)
			refusedLogins(b, app.Password)
		})
	}
}

// F-H2: the user who chose the password confirms it: with the password, from the browser
// that registered, or signed in. Nothing ends.
func TestVerifyEmail_AProvenPasswordStays(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]func(b *app.Bundle, browser domain.Secret, tokens ports.TokensResult) proof{
		"the password": func(*app.Bundle, domain.Secret, ports.TokensResult) proof { return byPassword(app.Password) },
		"the browser":  func(_ *app.Bundle, browser domain.Secret, _ ports.TokensResult) proof { return byBrowser(browser) },
		"the session": func(b *app.Bundle, _ domain.Secret, tokens ports.TokensResult) proof {
			return bySession(b.Principal(tokens))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t, app.Optional, app.DropUnproven)
			browser, err := b.RegisterHere(app.Ada, app.Password)
			require.NoError(t, err)
			link := b.LastSecret(app.Ada)
			tokens := b.Login(app.Ada, app.Password)
			how := by(b, browser, tokens)
			var entries []app.Entry
			mails := b.Mailed(func() {
				entries = b.Entries(func() {
					require.NoError(t, b.VerifyWith(link, func(cmd *ports.VerifyEmailCommand) { demanding(cmd); how(cmd) }))
				})
			})
			assert.Empty(t, mails)
			assert.Equal(t, []app.Entry{b.Own(domain.EventEmailVerified, app.Ada, domain.SessionID{}, "")}, entries)
			b.RequireLive(tokens)
			b.Login(app.Ada, app.Password)
		})
	}
}

// V-11, F-H2: with EMAIL_VERIFY_UNPROVEN=keep, the token alone confirms as in the replaced
// service, and the event says so.
func TestVerifyEmail_KeepsAnUnprovenPasswordWhereTheOperatorSaysSo(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	link := b.LastSecret(app.Ada)
	entries := b.Entries(func() { require.NoError(t, b.Verify(link)) })
	assert.Equal(t, []app.Entry{b.Own(domain.EventEmailVerified, app.Ada, domain.SessionID{}, "unproven")}, entries)
	b.Login(app.Ada, app.Password)
}

// F-H2: a wrong password costs one hash, is recorded, counts against the limit before
// hashing, and leaves the token usable. An account without a password has only wrong ones.
func TestVerifyEmail_AWrongPasswordLeavesTheTokenUsable(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	browser, err := b.RegisterHere(app.Ada, app.Password)
	require.NoError(t, err)
	link := b.LastSecret(app.Ada)
	b.Limit(ports.LimitPasswordCheckUser, domain.Quota{Events: 2, Per: time.Minute})
	for _, wrong := range []string{app.Another, ""} {
		entries := b.Entries(func() {
			assert.Equal(t, 1, b.Hashes(func() {
				refusal := b.Refused(domain.ErrWrongPassword, func() error {
					return b.VerifyWith(link, func(cmd *ports.VerifyEmailCommand) { byPassword(wrong)(cmd); byBrowser(browser)(cmd) })
				})
				assert.Equal(t, "password", refusal.Field)
			}))
		})
		assert.Equal(t, []app.Entry{b.About(domain.EventPasswordRefused, app.Ada, "")}, entries)
	}
	assert.Zero(t, b.Hashes(func() {
		b.Refused(domain.ErrRateLimited, func() error { return b.VerifyWith(link, byPassword(app.Password)) })
	}))
	b.Clock.Advance(30 * time.Second)
	assert.Equal(t, 1, b.Hashes(func() { require.NoError(t, b.VerifyWith(link, byPassword(app.Password))) }))
	b.Login(app.Ada, app.Password)

	require.NoError(t, b.Register(app.Bob, app.Password))
	require.NoError(t, b.Register(app.Bob, app.Another))
	link = b.LastSecret(app.Bob)
	b.Refused(domain.ErrWrongPassword, func() error { return b.VerifyWith(link, byPassword(app.Password)) })
	require.NoError(t, b.VerifyWith(link, dontKnowIt))
}

func TestVerifyEmail_RefusesThePasswordBesideDropPassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	link := b.LastSecret(app.Ada)
	assert.Zero(t, b.Hashes(func() {
		refusal := b.Refused(domain.ErrInvalidParameter, func() error {
			return b.VerifyWith(link, func(cmd *ports.VerifyEmailCommand) { byPassword(app.Password)(cmd); dontKnowIt(cmd) })
		})
		assert.Equal(t, "drop_password", refusal.Field)
	}))
	require.NoError(t, b.Verify(link))
}

// A password that changed while it was being checked proves nothing any more.
func TestVerifyEmail_RefusesAPasswordThatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	link := b.LastSecret(app.Ada)
	b.Hasher.BeforeVerify = func() { require.NoError(t, b.Register(app.Ada, app.Another)) }
	require.ErrorIs(t, b.VerifyWith(link, byPassword(app.Password)), domain.ErrWrongPassword)
	assert.False(t, b.User(app.Ada).EmailVerified())
	require.NoError(t, b.Verify(link))
	refusedLogins(b, app.Password, app.Another)
}
