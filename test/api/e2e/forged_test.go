package e2e

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"hash"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// forger knows the key and has a token to start from.
type forger struct {
	t      testing.TB
	key    string
	header map[string]any
	claims map[string]any
}

func newForger(t testing.TB, key, token string) forger {
	t.Helper()
	return forger{t, key, header(t, token), part(t, token, 1)}
}

// none marks a member that is to be left out.
type none struct{}

// make signs the token with some members changed, with the MAC of an algorithm.
func (f forger) make(mac func() hash.Hash, header, claims map[string]any) string {
	f.t.Helper()
	encode := func(from, change map[string]any) string {
		members := maps.Clone(from)
		maps.Copy(members, change)
		maps.DeleteFunc(members, func(_ string, value any) bool { return value == none{} })
		text, err := json.Marshal(members)
		require.NoError(f.t, err)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := encode(f.header, header) + "." + encode(f.claims, claims)
	sum := hmac.New(mac, []byte(f.key))
	_, err := sum.Write([]byte(signed))
	require.NoError(f.t, err)
	return signed + "." + base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}

// forgeries are headers that make a token invalid although its MAC is right, one for
// each rule. adapters/internal/jws has the spellings of each.
func forgeries(listener string) map[string]map[string]any {
	return map[string]map[string]any{
		"S-20 alg none": {"alg": "none"}, "S-20 alg HS512": {"alg": "HS512"}, "S-20 alg EdDSA": {"alg": "EdDSA"},
		"S-24 typ": {"typ": "rt+jwt"}, "S-24 no typ": {"typ": none{}}, "S-26 crit": {"crit": []string{"exp"}},
		"S-26 jku": {"jku": listener}, "S-26 x5u": {"x5u": listener}, "S-26 kid": {"kid": "../../dev/null"},
		"S-26 jwk": {"jwk": map[string]any{"kty": "oct", "k": "c2VjcmV0LWtleS1vZi10aGUtYXR0YWNrZXItaGltc2VsZg"}},
	}
}

// claimForgeries are claims that make a token invalid although its MAC is right, one
// for each rule. adapters/tokens has the forms of each claim.
func claimForgeries() map[string]map[string]any {
	now := time.Now()
	return map[string]map[string]any{
		"S-23 no exp": {"exp": none{}}, "S-23 exp text": {"exp": "9999999999"}, "S-23 expired, T-18": {"exp": now.Add(-2 * time.Minute).Unix()},
		"S-23 nbf ahead": {"nbf": now.Add(2 * time.Minute).Unix()}, "S-23 iat ahead": {"iat": now.Add(time.Hour).Unix(), "nbf": none{}},
		"S-25 iss": {"iss": "another-issuer"}, "S-25 no iss": {"iss": none{}}, "S-25 aud": {"aud": "another-audience"}, "S-25 no aud": {"aud": none{}},
		"amr text": {"amr": "pwd"}, "another sid": {"sid": "01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"}, "another sub": {"sub": "01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"},
	}
}

// S-20 to S-26, S-29, S-30, V-43: a client that forges tokens, even with the key,
// is limited to a live session and the stored role. A header makes the service
// fetch nothing.
func TestTokens_ForgedOnesAreRefused(t *testing.T) {
	t.Parallel()
	key := "known-to-forgers-" + rand.Text()
	tg := localWith(t, cheap().With("JWT_SECRET_KEY", key))
	c := tg.client(t)
	p := c.registered()
	s := c.login(p)
	f := newForger(t, key, s.Access)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	called := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			called <- struct{}{}
			_ = conn.Close()
		}
	}()

	c.Get("/me", f.make(sha256.New, nil, nil)).Is(http.StatusOK) // the forger is able
	// Tokens of earlier releases do not say how and by which client the user signed in (F-E2).
	assert.Equal(t, "auth-service", f.claims["client_id"])
	assert.Equal(t, []any{"pwd"}, f.claims["amr"])
	assert.Equal(t, f.claims["iat"], f.claims["auth_time"])
	c.Get("/me", f.make(sha256.New, nil, map[string]any{"amr": none{}, "auth_time": none{}, "client_id": none{}})).Is(http.StatusOK)
	for name, header := range forgeries("http://" + listener.Addr().String() + "/jwks.json") {
		mac := sha256.New
		if header["alg"] == "HS512" {
			mac = sha512.New
		}
		token := f.make(mac, header, nil)
		assert.Equal(t, http.StatusUnauthorized, c.Get("/me", token).Status, name)
		assert.Equal(t, http.StatusUnauthorized, c.Get("/me", token[:strings.LastIndex(token, ".")+1]).Status, "%s without a signature", name)
	}
	for name, claims := range claimForgeries() {
		assert.Equal(t, http.StatusUnauthorized, c.Get("/me", f.make(sha256.New, nil, claims)).Status, name)
	}
	assert.Empty(t, called, "S-26: something was fetched")
	other := c.login(p).Access
	for name, token := range map[string]string{
		"S-21 signature of another token": s.Access[:strings.LastIndex(s.Access, ".")] + other[strings.LastIndex(other, "."):],
		"S-21 cut":                        s.Access[:len(s.Access)-1], "S-21 longer": s.Access + "A",
		"S-22 padded": s.Access + "=", "S-22 four parts": s.Access + ".e30", "S-22 space": s.Access[:9] + " " + s.Access[9:],
		"S-24 refresh token": s.Refresh,
	} {
		assert.Equal(t, http.StatusUnauthorized, c.Get("/me", token).Status, name)
	}
	c.TryRefresh(s.Access).Is(http.StatusUnauthorized)
	c.TryRefresh(s.Refresh[:len(s.Refresh)-4] + "\n" + s.Refresh[len(s.Refresh)-4:]).Is(http.StatusUnauthorized)

	// S-29: the stored role counts, not the claimed one.
	c.Get("/admin/users", f.make(sha256.New, nil, map[string]any{"role": "admin"})).Refused(http.StatusForbidden, "forbidden")
	// V-43: a session that is over is over in every spelling of its token.
	c.Post("/logout", s.Access, nil).Is(http.StatusNoContent)
	for _, header := range []map[string]any{nil, {"x": 1}} {
		c.Get("/me", f.make(sha256.New, header, map[string]any{"jti": newPassword()})).Is(http.StatusUnauthorized)
	}

	// S-30: many dots cost nothing.
	huge := c.unchecked()
	for _, a := range together(20, func(int) api.Answer { return huge.Get("/me", strings.Repeat(".", 1<<20)) }) {
		assert.Contains(t, []int{http.StatusUnauthorized, http.StatusRequestHeaderFieldsTooLarge}, a.Status)
	}
	c.Get("/me", other).Is(http.StatusOK)
	for place, text := range tg.finish(t) {
		tg.secrets.AssertAbsent(t, place, text)
	}
}
