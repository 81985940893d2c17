package application_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestAuthenticate_TellsWhoActs(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	user := b.account(ada, password)
	tokens := b.login(ada, password)
	acting, session, err := b.principal(tokens).SignedIn()
	require.NoError(t, err)
	assert.Equal(t, user.ID(), acting.ID())
	assert.Equal(t, tokens.SessionID, session.ID())

	before := b.state()
	b.principal(tokens)
	assert.Equal(t, before, b.state(), "a request moves nothing")

	me, err := b.CurrentUser.Execute(t.Context(), ports.CurrentUserCommand{Principal: b.principal(tokens)})
	require.NoError(t, err)
	assert.Equal(t, ada, me.User.Email().String())
	for _, nobody := range []domain.Principal{{}, domain.Operator()} {
		_, err = b.CurrentUser.Execute(t.Context(), ports.CurrentUserCommand{Principal: nobody})
		require.ErrorIs(t, err, domain.ErrUnauthenticated)
	}
}

func TestAuthenticate_AnAccessTokenLivesForItsTime(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	b.clock.Set(start.Truncate(time.Second).Add(30*time.Minute - time.Microsecond))
	b.requireLive(tokens)
	b.clock.Advance(time.Microsecond)
	b.refused(domain.ErrTokenExpired, func() error { _, err := b.authenticate(tokens.AccessToken); return err })
}

// S-24, S-21, V-33: only our own access tokens, unaltered.
func TestAuthenticate_RefusesWhatIsNoAccessToken(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	reset := b.resetSecret(ada)
	tokens := b.login(ada, password)
	access := tokens.AccessToken.Reveal()
	for _, token := range []domain.Secret{
		{},
		secret("junk"),
		tokens.RefreshToken,
		reset,
		secret(access[:len(access)-1]),
		secret(access + "A"),
		secret(access + "="), // V-43
		signedElsewhere(t, b, tokens),
	} {
		b.refused(domain.ErrUnauthenticated, func() error { _, err := b.authenticate(token); return err })
	}
}

// signedElsewhere returns the claims of an access token signed with another key.
func signedElsewhere(t *testing.T, b *bundle, tokens ports.TokensResult) domain.Secret {
	t.Helper()
	claims, err := b.deps.Signer.ParseAccess(tokens.AccessToken)
	require.NoError(t, err)
	forged, err := memory.NewTokenSigner().SignAccess(claims)
	require.NoError(t, err)
	return forged
}

// S-25, S-23: genuine signatures on claims that do not hold.
func TestAuthenticate_RefusesClaimsThatDoNotHold(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	bobsID := b.account(bob, password).ID()
	good, err := b.deps.Signer.ParseAccess(b.login(ada, password).AccessToken)
	require.NoError(t, err)
	for name, edit := range map[string]func(c *domain.AccessClaims){
		"another issuer":    func(c *domain.AccessClaims) { c.Issuer = "other" },
		"another audience":  func(c *domain.AccessClaims) { c.Audience = []string{"other"} },
		"no audience":       func(c *domain.AccessClaims) { c.Audience = nil },
		"another subject":   func(c *domain.AccessClaims) { c.Subject = bobsID },
		"no subject":        func(c *domain.AccessClaims) { c.Subject = domain.UserID{} },
		"no expiry":         func(c *domain.AccessClaims) { c.ExpiresAt = time.Time{} },
		"not yet":           func(c *domain.AccessClaims) { c.NotBefore = start.Add(time.Hour) },
		"issued in future":  func(c *domain.AccessClaims) { c.IssuedAt = start.Add(time.Hour) },
		"an unknown role":   func(c *domain.AccessClaims) { c.Role = "root" },
		"no session at all": func(c *domain.AccessClaims) { c.SessionID = domain.SessionID{} },
	} {
		claims := good
		edit(&claims)
		token, err := b.deps.Signer.SignAccess(claims)
		require.NoError(t, err)
		_, err = b.authenticate(token)
		require.ErrorIs(t, err, domain.ErrUnauthenticated, name)
	}
	claims := good
	claims.SessionID = domain.SessionID{1}
	token, err := b.deps.Signer.SignAccess(claims)
	require.NoError(t, err)
	_, err = b.authenticate(token)
	require.ErrorIs(t, err, domain.ErrSessionEnded, "a session that is gone")
}

// S-29: what the token says of the role does not matter.
func TestAuthenticate_TheRoleIsTheStoredOne(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	claims, err := b.deps.Signer.ParseAccess(tokens.AccessToken)
	require.NoError(t, err)
	claims.Role = domain.RoleAdmin
	forged, err := b.deps.Signer.SignAccess(claims)
	require.NoError(t, err)
	p, err := b.authenticate(forged)
	require.NoError(t, err)
	require.ErrorIs(t, p.Allows(domain.PermissionManageUsers), domain.ErrForbidden)

	require.NoError(t, b.setRole(domain.Operator(), b.user(ada).ID().String(), "admin"))
	require.NoError(t, b.principal(tokens).Allows(domain.PermissionManageUsers), "a promotion counts at once")
	b.admin(bob)
	require.NoError(t, b.setRole(domain.Operator(), b.user(ada).ID().String(), "user"))
	require.ErrorIs(t, b.principal(tokens).Allows(domain.PermissionManageUsers), domain.ErrForbidden, "and so does a demotion")
}

// S-36, V-09: also when it was done past the use cases.
func TestAuthenticate_RefusesDisabledAndDeletedUsers(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *bundle){
		"disabled": func(b *bundle) {
			require.NoError(b.t, b.setStatus(domain.Operator(), b.user(ada).ID().String(), "disabled"))
		},
		"disabled in the store": func(b *bundle) {
			b.change(ada, func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
		},
		"deleted": func(b *bundle) {
			require.NoError(b.t, b.deleteUser(domain.Operator(), b.user(ada).ID().String()))
		},
		"disabled and enabled again": func(b *bundle) {
			id := b.user(ada).ID().String()
			require.NoError(b.t, b.setStatus(domain.Operator(), id, "disabled"))
			require.NoError(b.t, b.setStatus(domain.Operator(), id, "active"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.account(ada, password)
			tokens := b.login(ada, password)
			end(b)
			b.requireEnded(tokens)
			require.NoError(t, b.logout(tokens.AccessToken), "logging out succeeds all the same")
			require.NoError(t, b.logout(tokens.RefreshToken))
		})
	}
}
