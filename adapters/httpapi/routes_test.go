package httpapi

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// S-38, S-39: the same headers on every answer, whatever became of the request.
func TestRoutes_EveryAnswerCarriesTheHeaders(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.PublicURL = "https://auth.example.com"
	b := start(t, config, goodUseCases())
	for _, op := range operations() {
		good, anonymous, malformed := op.request(), op.request(), op.request()
		anonymous.token = ""
		malformed.method = "PROPFIND"
		elsewhere := op.request()
		elsewhere.path += "/"
		for _, r := range []request{good, anonymous, malformed, elsewhere} {
			a := b.do(r)
			name := r.method + " " + r.path + " " + a.Status
			caching, mediaType := "no-store", "application/json"
			if op.path == "/.well-known/jwks.json" && a.StatusCode == http.StatusOK {
				caching, mediaType = "public, max-age=300", "application/jwk-set+json"
			}
			assert.Equal(t, caching, a.Header.Get("Cache-Control"), name)
			assert.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"), name)
			assert.Equal(t, "no-referrer", a.Header.Get("Referrer-Policy"), name)
			assert.Equal(t, nothingRuns, a.Header.Get("Content-Security-Policy"), name)
			assert.Equal(t, "max-age=31536000", a.Header.Get("Strict-Transport-Security"), name)
			assert.Regexp(t, `^[A-Za-z0-9._-]{1,64}$`, a.Header.Get("X-Request-Id"), name)
			assert.Empty(t, a.Header.Get("Server"), name)
			sent, err := http.ParseTime(a.Header.Get("Date"))
			require.NoError(t, err, name)
			assert.WithinDuration(t, time.Now(), sent, time.Minute, name)
			assert.Empty(t, a.Header.Get("Access-Control-Allow-Origin"), name)
			assert.Empty(t, a.Header.Get("Location"), name) // V-36
			if a.StatusCode >= 400 {
				assert.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), name)
			} else if a.body != "" {
				assert.Equal(t, mediaType, a.Header.Get("Content-Type"), name)
			}
		}
		assert.Equal(t, op.status, b.do(good).StatusCode, good.path)
	}
}

// S-42, B-29: each path takes its own methods; others get 405, Allow and no echo.
func TestRoutes_MethodsAreThoseListed(t *testing.T) {
	t.Parallel()
	b := started(t)
	allowed := map[string]map[string]bool{}
	for _, op := range operations() {
		if allowed[op.path] == nil {
			allowed[op.path] = map[string]bool{}
		}
		allowed[op.path][op.method] = true
		if op.method == http.MethodGet {
			allowed[op.path][http.MethodHead] = true
		}
	}
	for path, methods := range allowed {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X"} {
			a := b.do(request{method: method, path: BasePath + path, header: http.Header{"X-Http-Method-Override": {"DELETE"}, "X-Echo": {"canary"}}})
			if methods[method] {
				assert.NotEqual(t, http.StatusMethodNotAllowed, a.StatusCode, "%s %s", method, path)
				continue
			}
			assert.Equal(t, http.StatusMethodNotAllowed, a.StatusCode, "%s %s", method, path)
			assert.NotContains(t, a.body, "canary")
			got := map[string]bool{}
			for allow := range strings.SplitSeq(a.Header.Get("Allow"), ", ") {
				got[allow] = true
			}
			assert.Equal(t, methods, got, "%s %s", method, path)
		}
	}
}

func TestRoutes_HeadAnswersAsGetWithoutBody(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, path := range []string{"/api/auth/me", "/api/auth/sessions", "/api/auth/openapi.json", "/api/auth/docs", "/healthz"} {
		get := b.do(request{method: http.MethodGet, path: path, token: userToken})
		head := b.do(request{method: http.MethodHead, path: path, token: userToken})
		assert.Equal(t, get.StatusCode, head.StatusCode, path)
		assert.Empty(t, head.body, path)
		for _, name := range []string{"Content-Type", "Content-Length", "Cache-Control"} {
			assert.Equal(t, get.Header.Get(name), head.Header.Get(name), path)
		}
	}
}

// B-22, B-23, B-28, S-43, V-37: one address has one spelling.
func TestRoutes_OtherSpellingsLeadNowhere(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, path := range []string{
		"//api/auth/me", "/api//auth/me", "/API/AUTH/ME", "/api/auth/me/", "/api/auth/me;a=b", "/api/auth/me%20", "/api/auth/me%00", "/api/auth/me/.",
		"/%61pi/auth/me", "/api/auth/%6de", `/api/auth\me`, "/api/auth/./me", "/api/auth/x/../me", "/api/auth/../metrics", "/api/auth/%2e%2e/metrics",
		"/api/auth/..%2f..%2fmetrics", "//metrics", "/api/auth/metrics", "/api/auth/readyz", "/api/auth", "/api/auth/", "/", "/api/auth/<script>",
		"/api/auth/sessions/", "/api/auth/sessions//x", "/api/auth/docs/", "/api/auth/docs/../openapi.json", "/api/auth/ui/", "/api/auth/ui/verify.html",
		"/api/auth/.well-known/nothing", "/api/auth/dev/mailbox",
	} {
		r := dial(t, b.address())
		r.send("GET " + path + " HTTP/1.1\r\n" + host + "Accept: text/html\r\nAuthorization: Bearer " + userToken + "\r\n\r\n")
		a := r.receive()
		isProblem(t, a, http.StatusNotFound, "not_found")
		assert.NotContains(t, a.body, "script", path)
	}
}

// B-22, B-24, T-10: an id reaches the use case as it was written, and a
// malformed one is unknown.
func TestRoutes_IdentifiersArriveAsWritten(t *testing.T) {
	t.Parallel()
	var got string
	useCases := goodUseCases()
	useCases.RevokeSession = does[ports.RevokeSessionCommand, ports.None](func(_ context.Context, cmd ports.RevokeSessionCommand) (ports.None, error) {
		got = cmd.SessionID
		_, err := domain.ParseSessionID(cmd.SessionID)
		return ports.None{}, err
	})
	b := start(t, testConfig(), useCases)
	for _, id := range []string{
		"1", "1%20OR%201=1", "id=1", "%27", "$$", "{uuid}", "urn:uuid:01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11", "01980F5E-3C4A-7B1E-9D55-2F6A7C8B9E11",
		strings.Repeat("a", 400), "..", "%2e%2e", "%2f", "a;x", "%00",
	} {
		r := dial(t, b.address())
		r.send("DELETE /api/auth/sessions/" + id + " HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\n\r\n")
		isProblem(t, r.receive(), http.StatusNotFound, "session_not_found")
		assert.Equal(t, id, got)
	}
}

func TestNew_RefusesBadConfiguration(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"no URL":       func(c *Config) { c.PublicURL = "" },
		"relative URL": func(c *Config) { c.PublicURL = "/auth" },
		"other scheme": func(c *Config) { c.PublicURL = "javascript://auth.example.com" },
		"no key":       func(c *Config) { c.Mailbox = mailbox{} },
	} {
		config := testConfig()
		change(&config)
		_, err := New(config, goodUseCases())
		require.Error(t, err, name)
	}
}
