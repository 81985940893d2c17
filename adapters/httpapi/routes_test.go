package httpapi

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// S-38, S-39: the same headers on every answer, whatever became of the request.
func TestRoutes_EveryAnswerCarriesTheHeaders(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.PublicURL = "https://auth.example.com"
	b := start(t, config, goodUseCases())
	for _, op := range operations() {
		good, anonymous, malformed := op.request(), op.request(), op.request()
		anonymous.Token = ""
		malformed.Method = "PROPFIND"
		elsewhere := op.request()
		elsewhere.Path += "/"
		for _, r := range []api.Request{good, anonymous, malformed, elsewhere} {
			a := b.Once(r)
			name := a.What
			caching := "no-store"
			if op.path == "/.well-known/jwks.json" && a.Status == http.StatusOK {
				caching = "public, max-age=300"
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
			if a.Status >= 400 {
				assert.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), name)
			} else if len(a.Body) > 0 {
				assert.Equal(t, "application/json", a.Header.Get("Content-Type"), name)
			}
		}
		assert.Equal(t, op.status, b.Once(good).Status, good.Path)
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
