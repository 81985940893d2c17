package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func forwardAuth(c client) {
	p := c.registered()
	s := c.login(p)
	me := decode[user](c.get("/me", s.Access).is(http.StatusOK))
	asked := c.get("/forward-auth?role=user", s.Access).is(http.StatusNoContent)
	assert.Equal(c, []string{me.ID, p.email, "user", s.SessionID}, identity(asked))
	c.get("/forward-auth", s.Access).is(http.StatusNoContent)
	assert.Equal(c, []string{"", "", "", ""}, identity(c.get("/forward-auth?role=admin", s.Access).is(http.StatusForbidden)))
	for _, query := range []string{"role=king", "role=user&role=user", "role=", "rule=user"} {
		c.get("/forward-auth?"+query, s.Access).is(http.StatusUnprocessableEntity)
	}
	root := c.login(c.target.admin)
	assert.Equal(c, "admin", identity(c.get("/forward-auth?role=admin", root.Access).is(http.StatusNoContent))[2])

	c.get("/test/protected", s.Access).is(http.StatusOK)
	c.post("/logout", s.Access, nil).is(http.StatusNoContent)
	for _, token := range []string{"", s.Access, s.Refresh, root.Refresh, "not.a.token"} {
		assert.Equal(c, []string{"", "", "", ""}, identity(c.get("/forward-auth", token).is(http.StatusUnauthorized)))
		c.get("/test/protected", token).is(http.StatusUnauthorized)
	}
}

func identity(a answer) []string {
	h := a.header
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
		a := c.send(r.method, r.path, r.header.Clone(), strings.NewReader(r.body))
		require.Equal(c, r.status, a.status, "%s %.60s %.80s: %s", r.method, r.path, r.body, a.body)
		a.refused(r.status, r.code)
		if r.status == http.StatusMethodNotAllowed {
			assert.NotEmpty(c, a.header.Get("Allow"))
		}
	}
	s := c.login(c.registered())
	c.do(http.MethodPost, "/refresh", s.Access, object{"refresh_token": s.Refresh}).refused(http.StatusBadRequest, "token_mismatch")
	c.tryRefresh(s.Access).refused(http.StatusUnauthorized, "invalid_refresh_token")
	c.get("/me", s.Refresh).refused(http.StatusUnauthorized, "unauthenticated")
	c.do(http.MethodPost, "/refresh", s.Refresh, nil).is(http.StatusOK)
}

func probes(c client) {
	for i := range c.target.urls {
		c := c.on(i)
		for address, contains := range map[string]string{
			"/healthz": `"ok"`, "/readyz": `"ready"`, "/metrics": "auth_http_requests_total", "/api/auth/test/public": "message",
		} {
			got := c.send(http.MethodGet, address, nil, nil).is(http.StatusOK)
			assert.Contains(c, string(got.body), contains)
			head := c.send(http.MethodHead, address, nil, nil).is(http.StatusOK)
			assert.Empty(c, head.body)
			assert.Equal(c, got.header.Get("Content-Type"), head.header.Get("Content-Type"))
		}
	}
	named := c.send(http.MethodGet, "/api/auth/me", http.Header{"X-Request-Id": {"my-own.id_1"}}, nil).is(http.StatusUnauthorized)
	assert.Equal(c, "my-own.id_1", named.header.Get("X-Request-Id"))
	hostile := c.send(http.MethodGet, "/api/auth/me", http.Header{"X-Request-Id": {"<script>"}}, nil).is(http.StatusUnauthorized)
	assert.NotContains(c, hostile.header.Get("X-Request-Id"), "<")
	for _, origin := range []string{"https://evil.example", "null"} {
		a := c.send(http.MethodGet, "/api/auth/test/public", http.Header{"Origin": {origin}}, nil).is(http.StatusOK)
		assert.Empty(c, a.header.Get("Access-Control-Allow-Origin"))
	}
}

func pages(c client) {
	committed, err := os.ReadFile("../../../docs/openapi.json")
	require.NoError(c, err)
	served := c.get("/openapi.json", "").is(http.StatusOK)
	assert.True(c, bytes.Equal(committed, served.body), "docs/openapi.json differs from the served document")
	for page, mediaType := range map[string]string{
		"/docs": "text/html", "/docs/init.js": "text/javascript", "/docs/swagger-ui.css": "text/css", "/docs/swagger-ui-bundle.js": "text/javascript",
		"/ui/verify": "text/html", "/ui/reset": "text/html", "/ui/ui.js": "text/javascript", "/ui/verify.js": "text/javascript",
		"/ui/reset.js": "text/javascript", "/ui/style.css": "text/css",
	} {
		a := c.get(page, "").is(http.StatusOK)
		assert.NotEmpty(c, a.body, page)
		assert.True(c, strings.HasPrefix(a.header.Get("Content-Type"), mediaType), "%s is %s", page, a.header.Get("Content-Type"))
		if mediaType == "text/html" {
			assert.NotContains(c, string(a.body), "https://", fmt.Sprint(page, " loads nothing from elsewhere"))
			assert.Contains(c, a.header.Get("Content-Security-Policy"), "default-src 'none'")
		}
	}
}
