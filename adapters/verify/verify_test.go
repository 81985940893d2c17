package verify_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/adapters/verify"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/authtest"
)

func TestCheck_ReturnsTheClaimsOfATokenOfEveryKey(t *testing.T) {
	t.Parallel()
	for kind, key := range map[string]any{"Ed25519": newEd25519(t), "P-256": newECDSA(t), "RSA": newRSA(t)} {
		s := newShop(t, authtest.WithTokenSigner(newSigner(t, tokens.Keys{AccessKey: privatePEM(t, key)})))
		user := s.auth.SignedInAdmin(t, "ada@example.com")
		for name, v := range s.both() {
			claims, err := v.Check(t.Context(), user.AccessToken)
			require.NoError(t, err, "%s %s", kind, name)
			assert.Equal(t, user.ID, claims.Subject.String())
			assert.Equal(t, user.SessionID, claims.SessionID.String())
			assert.Equal(t, domain.RoleAdmin, claims.Role)
			assert.Equal(t, []domain.Method{domain.MethodPassword}, claims.Methods)
			assert.Equal(t, []string{audience}, claims.Audience)
			assert.Equal(t, s.auth.Clock.Now().Truncate(time.Second), claims.IssuedAt)
		}
		assert.Equal(t, 1, s.wire.fetches(), kind)
	}
}

// A service without an asymmetric key publishes none. The error says what to set, and
// asking the service works.
func TestNew_NamesTheSettingIfThereAreNoKeys(t *testing.T) {
	t.Parallel()
	s := newShop(t, authtest.WithTokenSigner(newSigner(t, tokens.Keys{})))
	user := s.auth.SignedInUser(t, "ada@example.com")
	_, err := s.offline.Check(t.Context(), user.AccessToken)
	require.ErrorIs(t, err, domain.ErrUnavailable)
	require.ErrorContains(t, err, "JWT_ACCESS_KEY")
	require.ErrorContains(t, s.offline.Ready(t.Context()), "JWT_ACCESS_KEY")

	require.NoError(t, s.online.Ready(t.Context()))
	_, err = s.online.Check(t.Context(), user.AccessToken)
	require.NoError(t, err)
}

func TestNew_SaysWhatItsArgumentsLack(t *testing.T) {
	t.Parallel()
	for _, v := range []*verify.Verifier{
		verify.New("auth.example.com", issuer, audience), verify.New("", issuer, audience), verify.New("ftp://auth.example.com", issuer, audience),
		verify.New("https://ada:secret@auth.example.com", issuer, audience), verify.New("https://auth.example.com?x=1", issuer, audience),
		verify.Online("https://auth.example.com#x", issuer, audience), verify.New("https://", issuer, audience), verify.New("https://a b", issuer, audience),
	} {
		err := v.Ready(t.Context())
		require.ErrorIs(t, err, domain.ErrUnavailable)
		require.ErrorContains(t, err, "PUBLIC_URL")
		assert.NotContains(t, err.Error(), "secret")
		_, err = v.Check(t.Context(), "token")
		require.ErrorContains(t, err, "PUBLIC_URL")
	}
	for _, leeway := range []time.Duration{-time.Second, time.Minute + 1} { // S-23
		require.ErrorContains(t, verify.New("https://auth.example.com", issuer, audience, verify.WithLeeway(leeway)).Ready(t.Context()), "leeway")
	}
	require.ErrorContains(t, verify.New("https://auth.example.com", issuer, audience, verify.WithClient(nil)).Ready(t.Context()), "client")
	require.ErrorContains(t, verify.New("https://auth.example.com", "", audience).Ready(t.Context()), "JWT_ISSUER")
	require.ErrorContains(t, verify.Online("https://auth.example.com", issuer, "").Ready(t.Context()), "JWT_AUDIENCE")
}

// S-10, S-29: online, a logout, an ended session, another role and a disabled account count
// at once. Offline they count when the token expires.
func TestOnline_SeesTheEndOfASessionAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	do := s.auth.UseCases
	admin := s.auth.SignedInAdmin(t, "root@example.com")
	check := func(v *verify.Verifier, token string) (domain.Role, error) {
		claims, err := v.Check(t.Context(), token)
		return claims.Role, err
	}
	_, err := check(s.online, admin.AccessToken)
	require.NoError(t, err)

	user := s.auth.SignedInUser(t, "ada@example.com")
	_, err = do.Logout.Execute(t.Context(), ports.LogoutCommand{BearerToken: domain.NewSecret(user.AccessToken)})
	require.NoError(t, err)
	_, err = check(s.online, user.AccessToken)
	require.ErrorIs(t, err, domain.ErrSessionEnded)
	_, err = check(s.offline, user.AccessToken)
	require.NoError(t, err, "an offline check sees no logout")

	again := s.auth.SignIn(t, user.User)
	change := func(role, status string) {
		t.Helper()
		id, parseErr := domain.ParseUserID(user.ID)
		require.NoError(t, parseErr)
		command := ports.ChangeUserCommand{Principal: domain.Operator(), UserID: id.String()}
		if role != "" {
			command.Role = &role
		}
		if status != "" {
			command.Status = &status
		}
		_, changeErr := do.ChangeUser.Execute(t.Context(), command)
		require.NoError(t, changeErr)
	}
	change("admin", "")
	role, err := check(s.online, again.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, domain.RoleAdmin, role)
	role, err = check(s.offline, again.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, domain.RoleUser, role)

	change("", "disabled")
	_, err = check(s.online, again.AccessToken)
	require.ErrorIs(t, err, domain.ErrSessionEnded)
}

// Online accepts a token only by the answer of Auth Service itself, and by no other one.
func TestOnline_AcceptsNoAnswerButTheServices(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user, other := s.auth.SignedInUser(t, "ada@example.com"), s.auth.SignedInUser(t, "eve@example.com")
	named := func(user authtest.SignedIn, status int) roundTrip {
		return answers(status, "", "X-Auth-User-Id", user.ID, "X-Auth-Session-Id", user.SessionID, "X-Auth-Role", "user")
	}
	for name, c := range map[string]struct {
		to   http.RoundTripper
		want error
	}{
		"the service":           {named(user, http.StatusNoContent), nil},
		"for another user":      {named(other, http.StatusNoContent), domain.ErrUnavailable},
		"without a user":        {answers(http.StatusNoContent, ""), domain.ErrUnavailable},
		"200":                   {named(user, http.StatusOK), domain.ErrUnavailable},
		"a redirect":            {answers(http.StatusFound, "", "Location", "http://evil.example/"), domain.ErrUnavailable},
		"another program's 401": {answers(http.StatusUnauthorized, "who are you?"), domain.ErrUnavailable},
		"another program's 403": {answers(http.StatusForbidden, `{}`), domain.ErrUnavailable},
		"404":                   {answers(http.StatusNotFound, `{"code":"not_found"}`), domain.ErrUnavailable},
		"500":                   {answers(http.StatusInternalServerError, `{"code":"token_expired"}`), domain.ErrUnavailable},
		"503":                   {answers(http.StatusServiceUnavailable, `{"code":"unavailable"}`), domain.ErrUnavailable},
		"a 401 of a newer one":  {answers(http.StatusUnauthorized, `{"code":"moon_phase"}`), domain.ErrUnauthenticated},
		"a 403 of a newer one":  {answers(http.StatusForbidden, `{"code":"moon_phase"}`), domain.ErrForbidden},
		"a disabled account":    {answers(http.StatusForbidden, `{"code":"account_disabled"}`), domain.ErrAccountDisabled},
		"no connection":         {down, domain.ErrUnavailable},
	} {
		s.wire.lead(c.to)
		_, err := s.online.Check(t.Context(), user.AccessToken)
		if c.want == nil {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, c.want, name)
		assert.NotContains(t, err.Error(), user.AccessToken, name)
	}
	s.wire.lead(down)
	require.ErrorIs(t, s.online.Ready(t.Context()), domain.ErrUnavailable)
}

// errDown is the error of a network that leads nowhere.
var errDown = errors.New("connection refused")

// down is a network that leads nowhere.
var down = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errDown })

// A token of another audience is refused, though the service accepts it.
func TestOnline_ComparesIssuerAndAudienceItself(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	v := verify.Online(s.auth.URL, issuer, "another", verify.WithClient(s.auth.Client()), verify.WithClock(s.auth.Clock.Now))
	_, err := v.Check(t.Context(), user.AccessToken)
	require.ErrorIs(t, err, domain.ErrUnauthenticated)
}

func TestOnline_AsksNothingAboutWhatIsNoAccessToken(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	for _, token := range []string{"", "x", user.RefreshToken, user.AccessToken + "\r\nX-Evil: 1"} {
		_, err := s.online.Check(t.Context(), token)
		require.ErrorIs(t, err, domain.ErrUnauthenticated)
	}
	assert.Zero(t, s.wire.asked())
}

func TestCheck_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	release := make(chan struct{})
	s.wire.lead(roundTrip(func(r *http.Request) (*http.Response, error) {
		select {
		case <-release:
			return s.auth.Client().Transport.RoundTrip(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}))
	for name, v := range s.both() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := v.Check(ctx, user.AccessToken)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		require.ErrorIs(t, err, domain.ErrUnavailable, name)
	}
	// The fetch goes on for those who wait longer.
	close(release)
	_, err := s.offline.Check(t.Context(), user.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, 1, s.wire.fetches())
}
