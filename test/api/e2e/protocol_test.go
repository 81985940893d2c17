package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// tokenOfARefresh is taken from the body, and without one from Authorization. F-E1: with
// a body, Authorization decides nothing. test/api/badinput has the malformed requests.
func tokenOfARefresh(c client) {
	s := c.login(c.registered())
	both := func(bearer, inBody string) api.Answer {
		return c.Post("/refresh", bearer, api.Object{"refresh_token": inBody})
	}
	both(s.Refresh, s.Access).Refused(http.StatusUnauthorized, "invalid_refresh_token")
	c.TryRefresh(s.Access).Refused(http.StatusUnauthorized, "invalid_refresh_token")
	c.Get("/me", s.Refresh).Refused(http.StatusUnauthorized, "unauthenticated")
	next := api.Decode[api.Tokens](c.Post("/refresh", s.Refresh, nil).Is(http.StatusOK))
	for _, bearer := range []string{next.Access, s.Access, newPassword(), next.Refresh, "not.a.token"} {
		next = api.Decode[api.Tokens](both(bearer, next.Refresh).Is(http.StatusOK))
	}
	for _, header := range []http.Header{{"Authorization": {"Basic dXNlcjpwYXNz"}}, {"Authorization": {"Bearer " + next.Access, "Bearer " + s.Access}}, {"Authorization": {""}}} {
		next = api.Decode[api.Tokens](c.Do(api.Request{
			Method: http.MethodPost, Path: api.Prefix + "/refresh", Header: header, Body: api.Object{"refresh_token": next.Refresh},
		}).Is(http.StatusOK))
	}
}

func probes(c client) {
	for i := range c.target.urls {
		c := c.on(i)
		for _, probe := range [][2]string{ // the metrics count a request that came before
			{"/api/auth/test/public", "message"}, {"/healthz", `"ok"`}, {"/readyz", `"ready"`}, {"/metrics", "auth_http_requests_total"},
		} {
			address, contains := probe[0], probe[1]
			got := c.page(address).Is(http.StatusOK)
			assert.Contains(c, string(got.Body), contains)
			head := c.Once(api.Request{Method: http.MethodHead, Path: address}).Is(http.StatusOK)
			assert.Empty(c, head.Body)
			assert.Equal(c, got.Header.Get("Content-Type"), head.Header.Get("Content-Type"))
		}
	}
}

// mediaTypes are the documents and pages with their media types.
var mediaTypes = map[string]string{
	"/docs": "text/html", "/docs/init.js": "text/javascript", "/docs/swagger-ui.css": "text/css", "/docs/swagger-ui-bundle.js": "text/javascript",
	"/ui/verify": "text/html", "/ui/reset": "text/html", "/ui/change": "text/html", "/ui/undo": "text/html", "/ui/forgot": "text/html", "/ui/forgot.js": "text/javascript", "/ui/ui.js": "text/javascript",
	"/ui/link.js": "text/javascript", "/ui/verify.js": "text/javascript", "/ui/reset.js": "text/javascript", "/ui/style.css": "text/css", "/.well-known/jwks.json": "application/json",
}

// reference matches the files that a page or a script loads.
var reference = regexp.MustCompile(`(?:src|href)="([^"]+)"|from "([^"]+)"`)

// pages shows the documents and pages. S-39, F-E7: pages load files of their own origin
// only, and have no script in their text.
func pages(c client) {
	committed, err := os.ReadFile("../../../docs/openapi.json")
	require.NoError(c, err)
	served := c.Get("/openapi.json", "").Is(http.StatusOK)
	assert.True(c, bytes.Equal(committed, served.Body), "docs/openapi.json differs from the served document")
	var keys struct{ Keys []api.Object }
	require.NoError(c, json.Unmarshal(c.Get("/.well-known/jwks.json", "").Is(http.StatusOK).Body, &keys))
	assert.Len(c, keys.Keys, c.target.keys)
	for page, mediaType := range mediaTypes {
		a := c.Get(page, "").Is(http.StatusOK)
		assert.NotEmpty(c, a.Body, page)
		assert.True(c, strings.HasPrefix(a.Header.Get("Content-Type"), mediaType), "%s is %s", page, a.Header.Get("Content-Type"))
	}
	for _, page := range []string{"/docs", "/ui/verify", "/ui/reset", "/ui/change", "/ui/undo", "/ui/forgot", "/ui/ui.js", "/ui/link.js", "/ui/verify.js", "/ui/reset.js"} {
		a := c.Get(page, "")
		policy := a.Header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"} {
			assert.Contains(c, policy, rule, page)
		}
		assert.NotContains(c, policy, "http", page)
		text := string(a.Body)
		for _, inside := range []string{"<script>", " onclick=", "https://"} {
			assert.NotContains(c, text, inside, page)
		}
		for _, match := range reference.FindAllStringSubmatch(text, -1) {
			file := page[:strings.LastIndex(page, "/")+1] + strings.TrimPrefix(match[1]+match[2], "./")
			assert.NotEmpty(c, c.Get(file, "").Is(http.StatusOK).Header.Get("Content-Type"), file)
		}
	}
}
