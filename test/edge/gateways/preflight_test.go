package gateways

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
)

// F-A15: the question of a browser whether a page of another origin may send a request
// carries no credentials, so it reaches the application without a user. Nothing else does.
func passPreflightsOnly(t *testing.T, s scene) {
	const origin, asked = "Origin: https://app.example.com", "Access-Control-Request-Method: PUT"
	for _, target := range []string{"/app/", "/app/orders?x=1", "/app/admin/users", "/app/public/page"} {
		got := reached(t, s.g, request("OPTIONS", target, append(forgeries(), origin, asked, "Access-Control-Request-Headers: authorization, traceparent")...))
		assert.Equal(t, target, got.URI)
		assert.Empty(t, forged(got), target)
		for _, name := range identity {
			assert.Empty(t, got.Header[name], target)
		}
		assert.Equal(t, []string{"https://app.example.com"}, got.Header["Origin"])
		assert.Equal(t, []string{"PUT"}, got.Header["Access-Control-Request-Method"])
		assert.Equal(t, []string{"authorization, traceparent"}, got.Header["Access-Control-Request-Headers"])
	}
	for _, target := range []string{"/app/", "/app/orders", "/app/admin/users"} {
		for name, text := range map[string]string{
			"no headers":             request("OPTIONS", target),
			"no method":              request("OPTIONS", target, origin),
			"no origin":              request("OPTIONS", target, asked),
			"other spellings":        request("OPTIONS", target, "X-Origin: x", "Origin_: x", "Access_Control_Request_Method: PUT"),
			"GET":                    request("GET", target, origin, asked),
			"HEAD":                   request("HEAD", target, origin, asked),
			"POST":                   withBody("POST", target, `{}`, origin, asked),
			"DELETE":                 request("DELETE", target, origin, asked, "X-HTTP-Method-Override: OPTIONS", "X-Original-Method: OPTIONS"),
			"PROPFIND":               request("PROPFIND", target, origin, asked),
			"lower case":             request("options", target, origin, asked),
			"with a bad token":       request("OPTIONS", target, origin, asked, s.user.bearer()+"x"),
			"with another scheme":    request("OPTIONS", target, origin, asked, "Authorization: Basic dXNlcjpwYXNz"),
			"with a cookie":          request("OPTIONS", target, origin, asked, "Cookie: sid=abc"),
			"with a body":            withBody("OPTIONS", target, `{"a":1}`, origin, asked),
			"with chunks":            request("OPTIONS", target, origin, asked, "Transfer-Encoding: chunked") + "1\r\na\r\n0\r\n\r\n",
			"another method":         request("OPTIONS", target, origin, asked, "X-HTTP-Method-Override: DELETE"),
			"yet another method":     request("OPTIONS", target, origin, asked, "X-HTTP-Method: DELETE"),
			"one more method":        request("OPTIONS", target, origin, asked, "X-Method-Override: DELETE"),
			"the origin in a cookie": request("OPTIONS", target, "Cookie: Origin=x; Access-Control-Request-Method=PUT"),
		} {
			a := ask(t, s.g, text)
			assert.Contains(t, []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusMethodNotAllowed}, a.status, "%s %s", target, name)
			assert.Empty(t, a.header.Get("X-Demo-App"), "%s %s", target, name)
		}
	}
	noBodyOverHTTP2(t, s)
	// With a token it is checked like any other request.
	got := reached(t, s.g, request("OPTIONS", "/app/orders", origin, asked, s.user.bearer()))
	assert.Equal(t, []string{"user"}, got.Header["X-Auth-Role"])
	assert.Equal(t, http.StatusForbidden, ask(t, s.g, request("OPTIONS", "/app/admin", origin, asked, s.user.bearer())).status)
	// The service's own answers need no exception: it knows its origins.
	a := ask(t, s.g, request("OPTIONS", "/api/auth/me", origin, asked))
	assert.Equal(t, http.StatusMethodNotAllowed, a.status, "no origin is allowed here")
	hidden(t, s, "/_auth/user")
}

// noBodyOverHTTP2 sends a preflight with a body whose length no field tells, which only HTTP/2 allows.
// Either it is checked, or it loses its body.
func noBodyOverHTTP2(t *testing.T, s scene) {
	t.Helper()
	config := s.g.TLS.Clone()
	dialer := &tls.Dialer{Config: config}
	h2 := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, s.g.Addr)
	}}}
	config.NextProtos = []string{"h2"}
	for _, body := range []string{"a", `{"a":1}`, strings.Repeat("a", 100<<10)} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, "https://"+gateway.Host+"/app/admin/users", struct{ io.Reader }{strings.NewReader(body)})
		require.NoError(t, err)
		r.Header.Set("Origin", "https://app.example.com")
		r.Header.Set("Access-Control-Request-Method", "PUT")
		response, err := h2.Do(r)
		require.NoError(t, err)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, 2, response.ProtoMajor)
		if response.StatusCode != http.StatusOK {
			assert.Contains(t, []int{http.StatusUnauthorized, http.StatusRequestEntityTooLarge}, response.StatusCode, "%d bytes", len(body))
			continue
		}
		var got seen
		require.NoError(t, json.Unmarshal(text, &got), "%s", text)
		assert.Zero(t, got.Body, "%d bytes", len(body))
		assert.Empty(t, got.Header["X-Auth-Role"])
	}
}
