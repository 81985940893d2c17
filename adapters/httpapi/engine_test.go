package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// Each refusal of the engine is a problem of the same status. The engine's own tests
// show what it refuses.
func TestEngine_RefusalsAreProblems(t *testing.T) {
	t.Parallel()
	for refusal, p := range engineProblems {
		assert.Equal(t, refusal.Status, p.Status, p.Code)
	}
	addr := started(t).address()
	for text, want := range map[string]*edge.Refusal{
		get + "X Note: a\r\n\r\n":                                              edge.ErrMalformed,
		strings.Replace(get, "HTTP/1.1", "HTTP/9.9", 1) + "\r\n":               edge.ErrHTTPVersion,
		"GET /" + strings.Repeat("a", 16000) + " HTTP/1.1\r\n" + host + "\r\n": edge.ErrURITooLong,
		get + "X-Note: " + strings.Repeat("a", 64000) + "\r\n\r\n":             edge.ErrHeadersTooLarge,
		post + "Content-Length: 5368709120\r\n\r\n{}":                          edge.ErrBodyTooLarge,
		post + "Expect: cookies\r\nContent-Length: 2\r\n\r\n{}":                edge.ErrExpectation,
		"GET /api/auth/nothing HTTP/1.1\r\n" + host + "\r\n":                   edge.ErrNotFound,
		"PUT /api/auth/me HTTP/1.1\r\n" + host + "\r\n":                        edge.ErrMethodNotAllowed,
	} {
		r := api.Dial(t, addr)
		go r.Send(text) // the answer may come before all is sent
		isProblem(t, r.Receive(http.MethodGet, text), want.Status, engineProblems[want].Code)
	}
}

// Pages of allowed origins may use the methods and headers of the API.
func TestEngine_PagesOfOtherOriginsMayUseTheAPI(t *testing.T) {
	t.Parallel()
	config := testConfig()
	origins, err := ParseOrigins([]string{"https://app.example.com"})
	require.NoError(t, err)
	config.CORSAllowedOrigins = origins
	b := start(t, config, goodUseCases())
	header := http.Header{"Origin": {"https://app.example.com"}}
	a := b.get("/api/auth/me", "", header)
	assert.Equal(t, "https://app.example.com", a.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, X-Request-ID", a.Header.Get("Access-Control-Expose-Headers"))
	r := b.dial()
	r.Send("OPTIONS /api/auth/login HTTP/1.1\r\n" + host + "Origin: https://app.example.com\r\nAccess-Control-Request-Method: POST\r\n\r\n")
	a = r.Receive(http.MethodGet, "a preflight")
	assert.Equal(t, http.StatusNoContent, a.Status)
	assert.Equal(t, "GET, HEAD, POST, PATCH, DELETE", a.Header.Get("Access-Control-Allow-Methods"))
	assert.Equal(t, "Authorization, Content-Type, X-Request-ID", a.Header.Get("Access-Control-Allow-Headers"))
}
