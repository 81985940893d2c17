package signin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestAuthenticate_ReturnsThePrincipal(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	acting, session, err := b.Principal(tokens).SignedIn()
	require.NoError(t, err)
	assert.Equal(t, user.ID(), acting.ID())
	assert.Equal(t, tokens.SessionID, session.ID())

	before := b.State()
	b.Principal(tokens)
	assert.Equal(t, before, b.State(), "a request moves nothing")

	me, err := b.UseCases.CurrentUser.Execute(t.Context(), ports.CurrentUserCommand{Principal: b.Principal(tokens)})
	require.NoError(t, err)
	assert.Equal(t, app.Ada, me.User.Email().String())
	for _, signedOut := range []domain.Principal{{}, domain.Operator()} {
		_, err = b.UseCases.CurrentUser.Execute(t.Context(), ports.CurrentUserCommand{Principal: signedOut})
		require.ErrorIs(t, err, domain.ErrUnauthenticated)
	}
}

func TestAuthenticate_AnAccessTokenLivesForItsTime(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.Clock.Set(app.Start.Truncate(time.Second).Add(30*time.Minute - time.Microsecond))
	b.RequireLive(tokens)
	b.Clock.Advance(time.Microsecond)
	b.Refused(domain.ErrTokenExpired, func() error { _, err := b.Authenticate(tokens.AccessToken); return err })
}

// S-24, S-21, V-33: only our own access tokens, unaltered.
func TestAuthenticate_RefusesOtherTokens(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	reset := b.ResetSecret(app.Ada)
	tokens := b.Login(app.Ada, app.Password)
	access := tokens.AccessToken.Reveal()
	for _, token := range []domain.Secret{
		{},
		app.Secret("junk"),
		tokens.RefreshToken,
		reset,
		app.Secret(access[:len(access)-1]),
		app.Secret(access + "A"),
		app.Secret(access + "="), // V-43
		signedElsewhere(t, b, tokens),
	} {
		b.Refused(domain.ErrUnauthenticated, func() error { _, err := b.Authenticate(token); return err })
	}
}

// signedElsewhere returns the claims of an access token signed with another key.
func signedElsewhere(t *testing.T, b *app.Bundle, tokens ports.TokensResult) domain.Secret {
	t.Helper()
	claims, err := b.Ports.Signer.ParseAccess(tokens.AccessToken)
	require.NoError(t, err)
	forged, err := memory.NewTokenSigner().SignAccess(claims)
	require.NoError(t, err)
	return forged
}

// S-25, S-23: genuine signatures on claims that do not hold.
func TestAuthenticate_RefusesClaimsThatDoNotHold(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	bobsID := b.Account(app.Bob, app.Password).ID()
	good, err := b.Ports.Signer.ParseAccess(b.Login(app.Ada, app.Password).AccessToken)
	require.NoError(t, err)
	for name, edit := range map[string]func(c *domain.AccessClaims){
		"another issuer":    func(c *domain.AccessClaims) { c.Issuer = "other" },
		"another audience":  func(c *domain.AccessClaims) { c.Audience = []string{"other"} },
		"no audience":       func(c *domain.AccessClaims) { c.Audience = nil },
		"another subject":   func(c *domain.AccessClaims) { c.Subject = bobsID },
		"no subject":        func(c *domain.AccessClaims) { c.Subject = domain.UserID{} },
		"no expiry":         func(c *domain.AccessClaims) { c.ExpiresAt = time.Time{} },
		"not yet":           func(c *domain.AccessClaims) { c.NotBefore = app.Start.Add(time.Hour) },
		"issued in future":  func(c *domain.AccessClaims) { c.IssuedAt = app.Start.Add(time.Hour) },
		"no role":           func(c *domain.AccessClaims) { c.Role = "" },
		"no session at all": func(c *domain.AccessClaims) { c.SessionID = domain.SessionID{} },
	} {
		claims := good
		edit(&claims)
		token, err := b.Ports.Signer.SignAccess(claims)
		require.NoError(t, err)
		_, err = b.Authenticate(token)
		require.ErrorIs(t, err, domain.ErrUnauthenticated, name)
	}
	claims := good
	claims.SessionID = domain.SessionID{1}
	token, err := b.Ports.Signer.SignAccess(claims)
	require.NoError(t, err)
	_, err = b.Authenticate(token)
	require.ErrorIs(t, err, domain.ErrSessionEnded, "a session that is gone")
}

// S-29: what the token says of the role does not matter.
func TestAuthenticate_TheRoleIsTheStoredOne(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	claims, err := b.Ports.Signer.ParseAccess(tokens.AccessToken)
	require.NoError(t, err)
	claims.Role = domain.RoleAdmin
	forged, err := b.Ports.Signer.SignAccess(claims)
	require.NoError(t, err)
	p, err := b.Authenticate(forged)
	require.NoError(t, err)
	require.ErrorIs(t, p.Allows(domain.PermissionManageUsers), domain.ErrForbidden)

	require.NoError(t, b.SetRole(domain.Operator(), b.User(app.Ada).ID().String(), "admin"))
	require.NoError(t, b.Principal(tokens).Allows(domain.PermissionManageUsers), "a promotion counts at once")
	b.Admin(app.Bob)
	require.NoError(t, b.SetRole(domain.Operator(), b.User(app.Ada).ID().String(), "user"))
	require.ErrorIs(t, b.Principal(tokens).Allows(domain.PermissionManageUsers), domain.ErrForbidden, "and so does a demotion")
}

// S-36, V-09: also when it was done past the use cases.
func TestAuthenticate_RefusesDisabledAndDeletedUsers(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *app.Bundle){
		"disabled": func(b *app.Bundle) {
			require.NoError(b, b.SetStatus(domain.Operator(), b.User(app.Ada).ID().String(), "disabled"))
		},
		"disabled in the store": func(b *app.Bundle) {
			b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
		},
		"deleted": func(b *app.Bundle) {
			require.NoError(b, b.DeleteUser(domain.Operator(), b.User(app.Ada).ID().String()))
		},
		"disabled and enabled again": func(b *app.Bundle) {
			id := b.User(app.Ada).ID().String()
			require.NoError(b, b.SetStatus(domain.Operator(), id, "disabled"))
			require.NoError(b, b.SetStatus(domain.Operator(), id, "active"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			tokens := b.Login(app.Ada, app.Password)
			end(b)
			b.RequireEnded(tokens)
			require.NoError(t, b.Logout(tokens.AccessToken), "logging out succeeds all the same")
			require.NoError(t, b.Logout(tokens.RefreshToken))
		})
	}
}

// F-M2: once an operator switches verification on, the sessions of users without a
// confirmed address are refused. Such a user signs in after confirming it.
func TestAuthenticate_RefusesUnconfirmedUsersOnceVerificationIsRequired(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	require.NoError(t, b.Register(app.Ada, app.Password))
	require.NoError(t, b.Register(app.Bob, app.Password))
	require.NoError(t, b.Verify(b.LastSecret(app.Bob)))
	unconfirmed, confirmed := b.Login(app.Ada, app.Password), b.Login(app.Bob, app.Password)
	b.RequireLive(unconfirmed)

	b.Settings.EmailVerificationRequired = true
	b.Change(func(*assembly.Ports) {})
	b.RequireEnded(unconfirmed)
	b.RequireLive(confirmed)
	b.RequireLive(b.MustRefresh(confirmed.RefreshToken))
	_, err := b.TryLogin(app.Ada, app.Password)
	require.ErrorIs(t, err, domain.ErrEmailNotVerified, "the sign-in names the reason")
	require.NoError(t, b.Logout(unconfirmed.AccessToken), "logging out succeeds all the same")
	require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
	b.RequireLive(b.Login(app.Ada, app.Password))
}
