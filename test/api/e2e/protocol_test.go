package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

func forwardAuth(c client) {
	p := c.registered()
	s := c.login(p)
	me := api.Decode[user](c.Get("/me", s.Access).Is(http.StatusOK))
	asked := c.Get("/forward-auth?role=user", s.Access).Is(http.StatusNoContent)
	assert.Equal(c, []string{me.ID, p.email, "user", s.SessionID}, identity(asked))
	c.Get("/forward-auth", s.Access).Is(http.StatusNoContent)
	assert.Equal(c, []string{"", "", "", ""}, identity(c.Get("/forward-auth?role=admin", s.Access).Is(http.StatusForbidden)))
	for _, query := range []string{"role=king", "role=user&role=user", "role=", "rule=user"} {
		c.Get("/forward-auth?"+query, s.Access).Is(http.StatusUnprocessableEntity)
	}
	root := c.login(c.target.admin)
	assert.Equal(c, "admin", identity(c.Get("/forward-auth?role=admin", root.Access).Is(http.StatusNoContent))[2])

	c.Get("/test/protected", s.Access).Is(http.StatusOK)
	c.Post("/logout", s.Access, nil).Is(http.StatusNoContent)
	for _, token := range []string{"", s.Access, s.Refresh, root.Refresh, "not.a.token"} {
		assert.Equal(c, []string{"", "", "", ""}, identity(c.Get("/forward-auth", token).Is(http.StatusUnauthorized)))
		c.Get("/test/protected", token).Is(http.StatusUnauthorized)
	}
}

func identity(a api.Answer) []string {
	h := a.Header
	return []string{h.Get("X-Auth-User-Id"), h.Get("X-Auth-User-Email"), h.Get("X-Auth-Role"), h.Get("X-Auth-Session-Id")}
}

func wrongForm(c client) {
	asJSON := http.Header{"Content-Type": {"application/json"}}
	for _, r := range []struct {
		method, path string
		header       http.Header
		body         string
		status       int
		code         string
	}{
		{"GET", "/api/auth/nothing", nil, "", 404, "not_found"},
		{"GET", "/", nil, "", 404, "not_found"},
		{"GET", "/api/auth/me/", nil, "", 404, "not_found"},
		{"GET", "/api/auth/../metrics", nil, "", 404, "not_found"},
		{"GET", "/api/auth/login", nil, "", 405, "method_not_allowed"},
		{"TRACE", "/api/auth/me", nil, "", 405, "method_not_allowed"},
		{"POST", "/api/auth/login", http.Header{"Content-Type": {"text/plain"}}, `{"email":"a","password":"b"}`, 415, "unsupported_media_type"},
		{"POST", "/api/auth/login", http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}, `{}`, 415, "unsupported_media_type"},
		{"POST", "/api/auth/login", asJSON, ``, 400, "body_missing"},
		{"POST", "/api/auth/login", asJSON, `{"email":`, 400, "invalid_json"},
		{"POST", "/api/auth/login", asJSON, `{"email":"a","email":"b","password":"c"}`, 400, "invalid_json"},
		{"POST", "/api/auth/login", asJSON, `{"email":"a","password":"b"} {}`, 400, "invalid_json"},
		{"POST", "/api/auth/login", asJSON, "{\"email\":\"a\",\"password\":\"\xff\"}", 400, "invalid_json"},
		{"POST", "/api/auth/login", asJSON, `{"email":"a"}`, 422, "validation_failed"},
		{"POST", "/api/auth/login", asJSON, `{"email":"a","password":7}`, 422, "validation_failed"},
		{"POST", "/api/auth/email/register", asJSON, `{"email":"a@example.com","password":"a pass phrase of no use","role":"admin"}`, 422, "validation_failed"},
		{"POST", "/api/auth/login", asJSON, `{"email":"` + strings.Repeat("a", 65<<10) + `","password":"b"}`, 413, "body_too_large"},
		{"GET", "/api/auth/test/public?" + strings.Repeat("a", 9<<10), nil, "", 414, "uri_too_long"},
		{"POST", "/api/auth/email/verify", asJSON, `{"token":"never issued"}`, 400, "invalid_or_expired_token"},
	} {
		header := r.header.Clone()
		if header == nil {
			header = http.Header{"Content-Type": nil}
		}
		a := c.Once(api.Request{Method: r.method, Path: r.path, Header: header, Body: r.body})
		require.Equal(c, r.status, a.Status, a.What)
		a.Refused(r.status, r.code)
		if r.status == http.StatusMethodNotAllowed {
			assert.NotEmpty(c, a.Header.Get("Allow"))
		}
	}
	s := c.login(c.registered())
	c.Post("/refresh", s.Access, api.Object{"refresh_token": s.Refresh}).Refused(http.StatusBadRequest, "token_mismatch")
	c.TryRefresh(s.Access).Refused(http.StatusUnauthorized, "invalid_refresh_token")
	c.Get("/me", s.Refresh).Refused(http.StatusUnauthorized, "unauthenticated")
	c.Post("/refresh", s.Refresh, nil).Is(http.StatusOK)
}

func probes(c client) {
	for i := range c.target.urls {
		c := c.on(i)
		for address, contains := range map[string]string{
			"/healthz": `"ok"`, "/readyz": `"ready"`, "/metrics": "auth_http_requests_total", "/api/auth/test/public": "message",
		} {
			got := c.page(address).Is(http.StatusOK)
			assert.Contains(c, string(got.Body), contains)
			head := c.Once(api.Request{Method: http.MethodHead, Path: address}).Is(http.StatusOK)
			assert.Empty(c, head.Body)
			assert.Equal(c, got.Header.Get("Content-Type"), head.Header.Get("Content-Type"))
		}
	}
	named := c.Once(api.Request{Method: http.MethodGet, Path: "/api/auth/me", Header: http.Header{"X-Request-Id": {"my-own.id_1"}}}).Is(http.StatusUnauthorized)
	assert.Equal(c, "my-own.id_1", named.Header.Get("X-Request-Id"))
	hostile := c.Once(api.Request{Method: http.MethodGet, Path: "/api/auth/me", Header: http.Header{"X-Request-Id": {"<script>"}}}).Is(http.StatusUnauthorized)
	assert.NotContains(c, hostile.Header.Get("X-Request-Id"), "<")
	for _, origin := range []string{"https://evil.example", "null"} {
		a := c.Once(api.Request{Method: http.MethodGet, Path: "/api/auth/test/public", Header: http.Header{"Origin": {origin}}}).Is(http.StatusOK)
		assert.Empty(c, a.Header.Get("Access-Control-Allow-Origin"))
	}
}

func pages(c client) {
	committed, err := os.ReadFile("../../../docs/openapi.json")
	require.NoError(c, err)
	served := c.Get("/openapi.json", "").Is(http.StatusOK)
	assert.True(c, bytes.Equal(committed, served.Body), "docs/openapi.json differs from the served document")
	for page, mediaType := range map[string]string{
		"/docs": "text/html", "/docs/init.js": "text/javascript", "/docs/swagger-ui.css": "text/css", "/docs/swagger-ui-bundle.js": "text/javascript",
		"/ui/verify": "text/html", "/ui/reset": "text/html", "/ui/ui.js": "text/javascript", "/ui/verify.js": "text/javascript",
		"/ui/reset.js": "text/javascript", "/ui/style.css": "text/css",
	} {
		a := c.Get(page, "").Is(http.StatusOK)
		assert.NotEmpty(c, a.Body, page)
		assert.True(c, strings.HasPrefix(a.Header.Get("Content-Type"), mediaType), "%s is %s", page, a.Header.Get("Content-Type"))
		if mediaType == "text/html" {
			assert.NotContains(c, string(a.Body), "https://", fmt.Sprint(page, " loads nothing from elsewhere"))
			assert.Contains(c, a.Header.Get("Content-Security-Policy"), "default-src 'none'")
		}
	}
}
