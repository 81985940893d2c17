package verify_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/authtest"
)

// hostileTokens are texts that no verifier may accept, though most have a good signature of
// the service's own key.
func hostileTokens(t testing.TB, key ed25519.PrivateKey, published []byte, now time.Time, user authtest.SignedIn) map[string]string {
	t.Helper()
	good := user.AccessToken
	head, claims := take(t, good)
	h, c := text(t, head), text(t, claims)
	sign := func(head, claims object) string { return forge(t, key, text(t, head), text(t, claims)) }
	mac := func(secret []byte) string {
		signed := encode([]byte(text(t, head.with("alg", "HS256")))) + "." + encode([]byte(c))
		m := hmac.New(sha256.New, secret)
		m.Write([]byte(signed))
		return signed + "." + encode(m.Sum(nil))
	}
	public, ok := key.Public().(ed25519.PublicKey)
	require.True(t, ok)
	unsigned := encode([]byte(text(t, head.with("alg", "none")))) + "." + encode([]byte(c)) + "."
	return map[string]string{
		"nothing":                 "",
		"a refresh token":         user.RefreshToken,
		"refresh claims":          sign(head.with("typ", "rt+jwt"), claims),
		"typ JWT":                 sign(head.with("typ", "JWT"), claims),
		"typ in another spelling": sign(head.with("typ", "application/at+jwt"), claims),
		"no typ":                  sign(head.without("typ"), claims),
		"alg none":                unsigned,
		"alg none, signed":        unsigned + "AAAA",
		"alg none as EdDSA":       sign(head.with("alg", "none"), claims),
		"HS256 by the public key": mac(public),
		"HS256 by the key set":    mac(published),
		"HS256 by nothing":        mac(nil),
		"another algorithm":       sign(head.with("alg", "ES256"), claims),
		"another key":             forge(t, newEd25519(t), h, c),
		"an unknown kid":          sign(head.with("kid", "unknown"), claims),
		"a kid that is a path":    sign(head.with("kid", "../../../../dev/null"), claims),
		"a kid that is an SQL":    sign(head.with("kid", "' OR 1=1 --"), claims),
		"no kid":                  sign(head.without("kid"), claims),
		"crit":                    sign(head.with("crit", []string{"exp"}), claims),
		"crit of an extension":    sign(head.with("crit", []string{"b64"}).with("b64", false), claims),
		"a key of its own":        sign(head.with("jwk", object{"kty": "OKP", "crv": "Ed25519", "x": encode(public)}), claims),
		"a place of keys":         sign(head.with("jku", "http://evil.example/jwks.json"), claims),
		"a name twice in header":  forge(t, key, `{"alg":"none",`+h[1:], c),
		"a name twice in claims":  forge(t, key, h, `{"role":"admin",`+c[1:]),
		"other audience":          sign(head, claims.with("aud", "other")),
		"audiences without ours":  sign(head, claims.with("aud", []string{"other", "auth-service "})),
		"other issuer":            sign(head, claims.with("iss", "https://evil.example")),
		"no issuer":               sign(head, claims.without("iss")),
		"no expiry":               sign(head, claims.without("exp")),
		"an endless expiry":       sign(head, claims.with("exp", 1e300)),
		"from the future":         sign(head, claims.with("iat", now.Add(time.Hour).Unix())),
		"not yet good":            sign(head, claims.with("nbf", now.Add(time.Hour).Unix())),
		"no subject":              sign(head, claims.without("sub")),
		"no session":              sign(head, claims.without("sid")),
		"no role":                 sign(head, claims.without("role")),
		"claims that are a list":  forge(t, key, h, "["+c+"]"),
		"a fourth part":           good + ".AAAA",
		"giant":                   sign(head, claims.with("x", strings.Repeat("x", 1<<20))),
		"a line break":            good + "\n",
		"with its scheme":         "Bearer " + good,
		"a padded signature":      good + "==",
		"not UTF-8":               forge(t, key, h, strings.Replace(c, "auth-service", "auth-\xff", 1)),
		"only dots":               "..",
		"many dots":               strings.Repeat(".", 1<<16),
	}
}

// S-20 to S-26: a verifier refuses what the service refuses.
func TestCheck_RefusesHostileTokens(t *testing.T) {
	t.Parallel()
	key := newEd25519(t)
	signer := newSigner(t, tokens.Keys{AccessKey: privatePEM(t, key)})
	s := newShop(t, authtest.WithTokenSigner(signer))
	user := s.auth.SignedInAdmin(t, "ada@example.com")
	hostile := hostileTokens(t, key, signer.JWKS(), s.auth.Clock.Now(), user)
	for name, v := range s.both() {
		for why, token := range hostile {
			claims, err := v.Check(t.Context(), token)
			require.ErrorIs(t, err, domain.ErrUnauthenticated, "%s: %s", name, why)
			assert.Zero(t, claims, "%s: %s", name, why)
		}
		for end := range len(user.AccessToken) {
			_, err := v.Check(t.Context(), user.AccessToken[:end])
			require.ErrorIs(t, err, domain.ErrUnauthenticated, "%s: cut off at %d", name, end)
		}
		_, err := v.Check(t.Context(), user.AccessToken)
		require.NoError(t, err, name)
	}
}

// S-23: times hold with the leeway and not beyond.
func TestCheck_HoldsTheTimes(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	claims, err := s.offline.Check(t.Context(), user.AccessToken)
	require.NoError(t, err)
	s.auth.Clock.Set(claims.ExpiresAt.Add(29 * time.Second))
	_, err = s.offline.Check(t.Context(), user.AccessToken)
	require.NoError(t, err)
	s.auth.Clock.Set(claims.ExpiresAt.Add(30 * time.Second))
	for name, v := range s.both() {
		_, err = v.Check(t.Context(), user.AccessToken)
		require.ErrorIs(t, err, domain.ErrTokenExpired, name)
	}
	s.auth.Clock.Set(claims.NotBefore.Add(-31 * time.Second))
	_, err = s.offline.Check(t.Context(), user.AccessToken)
	require.ErrorIs(t, err, domain.ErrUnauthenticated)
}
