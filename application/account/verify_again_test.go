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

// F-H2: who has no password is asked for none, and gets a mail to choose one. The
// invitation of an administrator stays open meanwhile.
func TestVerifyEmail_AsksNoProofWithoutAPassword(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(b *app.Bundle){
		"two registrations": func(b *app.Bundle) {
			require.NoError(b, b.Register(app.Ada, app.Password))
			require.NoError(b, b.Register(app.Ada, app.Another))
		},
		"invited": func(b *app.Bundle) {
			_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada, Role: "admin"})
			require.NoError(b, err)
		},
		"imported": func(b *app.Bundle) {
			require.NoError(b, b.Register(app.Ada, app.Password))
			b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.PasswordHash = "" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t, app.DropUnproven)
			prepare(b)
			invitation := b.LastSecret(app.Ada)
			browser, err := b.RegisterHere(app.Ada, app.Another)
			require.NoError(t, err)
			link := b.LastSecret(app.Ada)
			mails := b.Mailed(func() {
				require.NoError(t, b.VerifyWith(link, func(cmd *ports.VerifyEmailCommand) { demanding(cmd); byBrowser(browser)(cmd) }))
			})
			assert.Equal(t, []string{"reset_password " + app.Ada}, mails)
			refusedLogins(b, app.Password, app.Another, "")
			if name == "invited" {
				require.NoError(t, b.Reset(invitation, chosen))
				assert.Equal(t, domain.RoleAdmin, b.User(app.Ada).Role(), "accepting it still gives the role")
				return
			}
			require.NoError(t, b.Reset(b.LastSecret(app.Ada), chosen))
			b.Login(app.Ada, chosen)
		})
	}
}

// F-H2: the secret of a browser counts for the password that it chose, and an access token
// for its own account. A double submit makes the newest browser count.
func TestVerifyEmail_ForeignProofsProveNothing(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	first, err := b.RegisterHere(app.Ada, app.Password)
	require.NoError(t, err)
	other, err := b.RegisterHere(app.Bob, app.Password)
	require.NoError(t, err)
	bob := b.SignIn(app.Bob, app.Password)
	ended := b.SignIn(app.Ada, app.Password)
	_, session := b.Actor(ended)
	require.NoError(t, b.Revoke(ended, session.String()))
	again := b.Reconfigured(func(s *assembly.Settings) { s.EmailVerificationRequired = true })
	result, err := again.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(app.Password)})
	require.NoError(t, err)
	link := b.LastSecret(app.Ada)
	for name, by := range map[string]proof{
		"another account's browser": byBrowser(other), "the older browser": byBrowser(first), "no browser": byBrowser(domain.Secret{}),
		"another account": bySession(bob), "an ended session": bySession(ended),
	} {
		t.Log(name)
		b.Refused(domain.ErrProofRequired, func() error {
			return b.VerifyWith(link, func(cmd *ports.VerifyEmailCommand) { demanding(cmd); by(cmd) })
		})
	}
	require.NoError(t, b.VerifyWith(link, func(cmd *ports.VerifyEmailCommand) { demanding(cmd); byBrowser(result.BrowserSecret)(cmd) }))
	b.Login(app.Ada, app.Password)
}

// F-H2: another link to an address that is confirmed already takes nothing from its owner.
func TestVerifyEmail_AnotherLinkToAConfirmedAddressTakesNothing(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.DropUnproven)
	require.NoError(t, b.Register(app.Ada, app.Password))
	links := []domain.Secret{b.LastSecret(app.Ada)}
	for range 2 {
		require.NoError(t, b.RequestVerification(app.Ada))
		links = append(links, b.LastSecret(app.Ada))
	}
	require.NoError(t, b.VerifyWith(links[0], byPassword(app.Password)))
	tokens := b.Login(app.Ada, app.Password)
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.VerifyWith(links[1], demanding)) }))
	b.RequireLive(tokens)
	mails := b.Mailed(func() { require.NoError(t, b.VerifyWith(links[2], dontKnowIt)) })
	assert.Equal(t, []string{"reset_password " + app.Ada}, mails)
	b.RequireLive(tokens)
	b.Login(app.Ada, app.Password)
}

// F-A19: for ten seconds the same token confirms again, whatever comes with it, and
// changes nothing.
func TestVerifyEmail_TheSameTokenConfirmsAgainWithoutEffect(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	link := b.LastSecret(app.Ada)
	require.NoError(t, b.Verify(link))
	tokens := b.Login(app.Ada, app.Password)
	b.Clock.Advance(domain.RepeatLife - time.Microsecond)
	cleaned, err := b.UseCases.CleanUp.Execute(t.Context(), ports.CleanUpCommand{})
	require.NoError(t, err)
	assert.Zero(t, cleaned.Tokens)
	before := b.State()
	assert.Empty(t, b.Entries(func() {
		assert.Zero(t, b.Hashes(func() {
			for _, by := range []proof{byNothing, demanding, dontKnowIt, byPassword(app.Password), byPassword(app.Another)} {
				result, err := b.UseCases.VerifyEmail.Execute(t.Context(), func() ports.VerifyEmailCommand {
					cmd := ports.VerifyEmailCommand{TokenSecret: link}
					by(&cmd)
					return cmd
				}())
				require.NoError(t, err)
				assert.Equal(t, b.User(app.Ada).Snapshot(), result.User.Snapshot())
			}
		}))
	}))
	assert.Equal(t, before, b.State())
	b.RequireLive(tokens)
	b.Clock.Advance(time.Microsecond)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(link) })
}
