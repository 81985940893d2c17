package guides

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/authtest"
	"github.com/seed543b3b27/auth-service/test/kit/npmtest"
)

// gate stands between a shop and the service. It keeps the requests that pass.
type gate struct {
	URL string
	// away makes it answer as a proxy whose service is down.
	away atomic.Bool

	mu       sync.Mutex
	requests []*http.Request
}

func newGate(t *testing.T, service string) *gate {
	t.Helper()
	to, err := url.Parse(service)
	require.NoError(t, err)
	g := &gate{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.away.Load() {
			http.Error(w, "<h1>Bad Gateway</h1>", http.StatusBadGateway)
			return
		}
		g.mu.Lock()
		g.requests = append(g.requests, r.Clone(t.Context()))
		g.mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	g.URL = server.URL
	return g
}

// sent returns the requests to a path.
func (g *gate) sent(path string) (found []*http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.requests {
		if r.URL.Path == "/api/auth"+path {
			found = append(found, r)
		}
	}
	return found
}

// guide is a guide for a runtime: a document with one program.
type guide struct {
	document, program string
	command           []string
}

// start runs the program of a guide against the service behind a gate.
func (g guide) start(t *testing.T, authURL string) shop {
	t.Helper()
	folder := t.TempDir()
	require.Equal(t, []string{g.program}, writeFiles(t, g.document, folder))
	if g.program == "main.mjs" {
		modules, err := npmtest.Install("node")
		require.NoError(t, err)
		require.NoError(t, os.Symlink(modules, filepath.Join(folder, "node_modules")))
	}
	return startShop(t, authURL, append(g.command, filepath.Join(folder, g.program))...)
}

func eachGuide(t *testing.T, test func(*testing.T, guide)) {
	t.Helper()
	for _, g := range []guide{
		{"docs/from-node.md", "main.mjs", []string{"node", "--preserve-symlinks"}},
		{"docs/from-python.md", "main.py", []string{"/usr/bin/python3"}},
	} {
		t.Run(g.document, func(t *testing.T) {
			t.Parallel()
			_, err := exec.LookPath(g.command[0])
			require.NoError(t, err, "scripts/setup installs what is missing")
			test(t, g)
		})
	}
}

// hostileTokens returns tokens that no verifier may accept, by what is wrong with them.
func hostileTokens(t *testing.T, user authtest.SignedIn) map[string]string {
	t.Helper()
	parts := strings.Split(user.AccessToken, ".")
	text, err := base64.RawURLEncoding.DecodeString(parts[0])
	require.NoError(t, err)
	var header map[string]any
	require.NoError(t, json.Unmarshal(text, &header))
	tokens := map[string]string{
		"a refresh token": user.RefreshToken, "no token": "a.b.c", "no dots": "x", "dots": "..", "no ASCII": "\xc3\xa9.\xc3\xa9.\xc3\xa9",
		"no signature": parts[0] + "." + parts[1] + ".", "another signature": parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
	}
	for name, change := range map[string]map[string]any{
		"alg none": {"alg": "none"}, "alg RS256": {"alg": "RS256"}, "alg HS256": {"alg": "HS256"}, "alg number": {"alg": 1}, "typ JWT": {"typ": "JWT"},
		"kid list": {"kid": []string{"x"}}, "kid number": {"kid": 7}, "no kid": {"kid": nil}, "a list": nil,
	} {
		changed := maps.Clone(header)
		maps.Copy(changed, change)
		text, err := json.Marshal(changed)
		require.NoError(t, err)
		if change == nil {
			text = []byte(`["at+jwt"]`)
		}
		tokens[name] = base64.RawURLEncoding.EncodeToString(text) + "." + parts[1] + "." + parts[2]
	}
	return tokens
}

// The programs check access tokens as docs/keys.md demands, and ask the service where a
// logout counts.
func TestFromServers_CheckAccessTokens(t *testing.T) {
	t.Parallel()
	eachGuide(t, func(t *testing.T, g guide) {
		auth := authtest.New(t)
		gate := newGate(t, auth.URL)
		shop := g.start(t, gate.URL)
		alice := auth.SignedInUser(t, "alice@example.com")
		admin := auth.SignedInAdmin(t, "admin@example.com")

		nobody := shop.orders(t, http.MethodGet, "")
		assert.Equal(t, http.StatusUnauthorized, nobody.status)
		assert.Equal(t, "unauthenticated", nobody.code(t))
		assert.Equal(t, "Bearer", nobody.header.Get("WWW-Authenticate"))
		good := shop.orders(t, http.MethodGet, alice.AccessToken)
		assert.Equal(t, http.StatusOK, good.status)
		assert.Equal(t, "the orders of "+alice.ID+"\n", good.body)
		for name, token := range hostileTokens(t, alice) {
			assert.Equal(t, http.StatusUnauthorized, shop.orders(t, http.MethodGet, token).status, name)
		}
		assert.Equal(t, "forbidden", shop.orders(t, http.MethodDelete, alice.AccessToken).code(t))
		assert.Equal(t, http.StatusNoContent, shop.orders(t, http.MethodDelete, admin.AccessToken).status)

		logout := shop.send(t, http.MethodDelete, "/session", "", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+admin.AccessToken) })
		assert.Equal(t, http.StatusNoContent, logout.status)
		assert.Equal(t, http.StatusOK, shop.orders(t, http.MethodGet, admin.AccessToken).status, "an offline check sees no logout")
		ended := shop.orders(t, http.MethodDelete, admin.AccessToken)
		assert.Equal(t, http.StatusUnauthorized, ended.status)
		assert.Equal(t, "session_ended", ended.code(t))

		gate.away.Store(true)
		away := shop.orders(t, http.MethodDelete, alice.AccessToken)
		assert.Equal(t, http.StatusServiceUnavailable, away.status)
		assert.Equal(t, "5", away.header.Get("Retry-After"))
		assert.Equal(t, http.StatusOK, shop.orders(t, http.MethodGet, alice.AccessToken).status, "it goes on with its keys")
	})
}

// The programs refuse tokens of other services and audiences, and old ones. Tokens with
// unknown keys make few requests for keys.
func TestFromServers_RefuseForeignAndExpiredTokens(t *testing.T) {
	t.Parallel()
	eachGuide(t, func(t *testing.T, g guide) {
		auth := authtest.New(t, authtest.StartAt(time.Now().Add(-time.Hour)))
		gate := newGate(t, auth.URL)
		shop := g.start(t, gate.URL)
		expired := shop.orders(t, http.MethodGet, auth.SignedInUser(t, "alice@example.com").AccessToken)
		assert.Equal(t, http.StatusUnauthorized, expired.status)
		assert.Equal(t, "token_expired", expired.code(t))
		mallory := authtest.New(t).SignedInUser(t, "mallory@example.com")
		for range 20 {
			assert.Equal(t, http.StatusUnauthorized, shop.orders(t, http.MethodGet, mallory.AccessToken).status)
		}
		assert.Less(t, len(gate.sent("/.well-known/jwks.json")), 10)
	})
}

// The programs sign browsers in, pass their address and user agent on, and refresh a
// session once at a time.
func TestFromServers_SignInForBrowsers(t *testing.T) {
	t.Parallel()
	eachGuide(t, func(t *testing.T, g guide) {
		auth := authtest.New(t, authtest.StartAt(time.Now().Add(-time.Hour)))
		gate := newGate(t, auth.URL)
		shop := g.start(t, gate.URL)
		alice := auth.User(t, "alice@example.com")
		form := func(password string) string { return `{"email":"` + alice.Email + `","password":"` + password + `"}` }
		var cookies []*http.Cookie
		browser := func(r *http.Request) {
			r.Header.Set("User-Agent", "a browser")
			for _, c := range cookies {
				r.AddCookie(c)
			}
		}

		wrong := shop.send(t, http.MethodPost, "/session", form("not her password"), browser)
		assert.Equal(t, http.StatusUnauthorized, wrong.status)
		assert.Equal(t, "invalid_credentials", wrong.code(t))
		in := shop.send(t, http.MethodPost, "/session", form(authtest.Password), browser)
		require.Equal(t, http.StatusNoContent, in.status, in.body)
		cookies = in.cookies
		require.Len(t, cookies, 2)
		for _, c := range cookies {
			assert.True(t, c.HttpOnly && c.Secure && c.SameSite == http.SameSiteStrictMode && strings.HasPrefix(c.Name, "__Host-"), c.Name)
		}

		auth.Clock.Advance(time.Hour) // the token of the login has expired, by the shop's clock already
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				got := shop.send(t, http.MethodGet, "/orders", "", browser)
				assert.Equal(t, "the orders of "+alice.ID+"\n", got.body)
			})
		}
		wait.Wait()
		require.Len(t, gate.sent("/refresh"), 1)
		for _, r := range append(gate.sent("/login"), gate.sent("/refresh")...) {
			assert.Equal(t, []string{"127.0.0.1", "a browser"}, []string{r.Header.Get("X-Forwarded-For"), r.Header.Get("User-Agent")}, r.URL.Path)
		}

		out := shop.send(t, http.MethodDelete, "/session", "", browser)
		assert.Equal(t, http.StatusNoContent, out.status, out.body)
		assert.Equal(t, http.StatusUnauthorized, shop.send(t, http.MethodGet, "/orders", "", browser).status)
	})
}
