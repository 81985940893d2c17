package edge

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// S-41: origins are compared exactly, and by default no origin is allowed.
func TestCORS_ExactOriginsOnly(t *testing.T) {
	t.Parallel()
	config := testConfig()
	origins, err := ParseOrigins([]string{"https://app.example.com"})
	require.NoError(t, err)
	config.CORS = CORS{
		Origins: origins, Methods: []string{"GET", "POST"}, RequestHeaders: []string{"X-Sent"}, ResponseHeaders: []string{"X-Read"},
	}
	b := start(t, config)
	for origin, allowed := range map[string]bool{
		"https://app.example.com": true, "http://app.example.com": false, "https://APP.example.com": false, "https://app.example.com:443": false,
		"https://app.example.com.evil.example": false, "https://evil-app.example.com": false, "null": false, "*": false, "": false,
	} {
		header := http.Header{"Origin": {origin}}
		for _, path := range []string{"/api/public", "/api/nothing"} {
			a := b.do(http.MethodGet, path, header)
			assert.Equal(t, allowed, a.Header.Get("Access-Control-Allow-Origin") == origin && origin != "", origin)
			assert.Empty(t, a.Header.Get("Access-Control-Allow-Credentials"))
			assert.Equal(t, "Origin", a.Header.Get("Vary"))
			assert.Equal(t, allowed, a.Header.Get("Access-Control-Expose-Headers") == "X-Read, X-Request-ID")
		}
		header.Set("Access-Control-Request-Method", "POST")
		assert.Equal(t, http.StatusMethodNotAllowed, b.do(http.MethodOptions, "/healthz", header).StatusCode, "below the base path only")
		a := b.do(http.MethodOptions, "/api/echo", header)
		if !allowed {
			isRefused(t, a, ErrMethodNotAllowed)
			continue
		}
		assert.Equal(t, http.StatusNoContent, a.StatusCode)
		assert.Equal(t, origin, a.Header.Get("Access-Control-Allow-Origin"))
		assert.Equal(t, "X-Sent, X-Request-ID", a.Header.Get("Access-Control-Allow-Headers"))
		assert.Equal(t, "GET, POST", a.Header.Get("Access-Control-Allow-Methods"))
	}
}

// F-A14: pages of an allowed origin may set the headers that they ask for, whatever traces
// them, but for those of gateways.
func TestCORS_AllowedOriginsMaySetTheHeadersTheyAskFor(t *testing.T) {
	t.Parallel()
	config := testConfig()
	origins, err := ParseOrigins([]string{"https://app.example.com"})
	require.NoError(t, err)
	config.CORS = CORS{Origins: origins, Methods: []string{"POST"}, RequestHeaders: []string{"Content-Type"}, GatewayHeaders: []string{"forwarded", "x-forwarded-"}}
	b := start(t, config)
	for asked, more := range map[string]string{
		"":             "",
		"content-type": ", content-type",
		"baggage,content-type,sentry-trace,traceparent,tracestate,x-request-id": ", baggage, content-type, sentry-trace, traceparent, tracestate, x-request-id",
		"b3, X-Datadog-Trace-Id ,uber-trace-id,\tnewrelic":                      ", b3, x-datadog-trace-id, uber-trace-id, newrelic",
		"forwarded,x-forwarded-for,X-Forwarded-Host,x-forwarded,traceparent":    ", x-forwarded, traceparent",
		"*,a b,a:b,\"a\",ü,a/b,,(),<script>,ok":                                 ", ok",
		strings.Repeat("a", 65) + "," + strings.Repeat("a", 64):                 ", " + strings.Repeat("a", 64),
	} {
		header := http.Header{"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {asked}}
		a := b.do(http.MethodOptions, "/api/echo", header)
		assert.Equal(t, http.StatusNoContent, a.StatusCode, asked)
		assert.Equal(t, "Content-Type, X-Request-ID"+more, a.Header.Get("Access-Control-Allow-Headers"), asked)
		assert.Equal(t, []string{"Origin", "Access-Control-Request-Headers"}, a.Header["Vary"])
		header.Set("Origin", "https://elsewhere.example")
		a = b.do(http.MethodOptions, "/api/echo", header)
		assert.Empty(t, a.Header.Get("Access-Control-Allow-Headers"), asked)
	}
}

// S-41: there is no wildcard, and an origin has one spelling. An entry that could match no
// browser is refused with its reason.
func TestParseOrigins_TakesExactOriginsOnly(t *testing.T) {
	t.Parallel()
	for entry, why := range map[string]string{
		"*":                             "has a *",
		"https://*.example.com":         "has a *",
		"https://*.example.com/":        "has a *",
		"https://app.example.com/":      "ends in a slash",
		"https://app.example.com/path":  "more than scheme, host and port",
		"https://app.example.com?":      "more than scheme, host and port",
		"https://APP.example.com":       "capital letters",
		"HTTPS://app.example.com":       "more than scheme, host and port",
		"https://app.example.com:443":   "the port that browsers leave out",
		"http://app.example.com:80":     "the port that browsers leave out",
		"http://app.example.com:":       "the port that browsers leave out",
		"https://bücher.example":        "Punycode",
		"app.example.com":               "does not begin",
		"ftp://app.example.com":         "does not begin",
		"https://":                      "does not begin",
		"https://:8443":                 "does not begin",
		"https://user@app.example.com":  "does not begin",
		"null":                          "does not begin",
		"":                              "does not begin",
		"\u0020https://app.example.com": "does not begin",
	} {
		_, err := ParseOrigins([]string{"http://localhost:3000", entry})
		require.ErrorContains(t, err, "must list origins", entry)
		require.ErrorContains(t, err, "entry 2 ", entry)
		require.ErrorContains(t, err, why, entry)
	}
	origins, err := ParseOrigins([]string{"http://localhost:3000", "https://app.example.com:8443", "https://[::1]:80", "http://app.example.com:443"})
	require.NoError(t, err)
	assert.Len(t, origins.allowed, 4)
}
