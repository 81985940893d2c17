package badinput

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// B-28, S-43, V-37: an address has one spelling; any other leads nowhere, with or
// without a token.
func spellingsOfPaths(p probe) {
	for _, path := range []string{
		"//api/auth/me", "/api//auth/me", "/api/auth//me", "/API/AUTH/ME", "/api/auth/ME", "/api/auth/me/", "/api/auth/me;a=b", "/api/auth/me%20", "/api/auth/me%00", "/api/auth/me%09", "/api/auth/me/.", "/api/auth/me/..",
		"/%61pi/auth/me", "/api/auth/%6de", "/api/auth/%6D%65", `/api/auth\me`, `\api\auth\me`, "/api/auth/./me", "/api/auth/x/../me", "/api/auth/%2e/me", "/api/auth/../metrics", "/api/auth/%2e%2e/metrics",
		"/api/auth/..%2f..%2fmetrics", "//metrics", "/api/auth/metrics", "/api/auth/readyz", "/api/auth", "/api/auth/", "/", "/api/auth/<script>alert(1)</script>", "/api/auth/me%2f", "/api%2fauth%2fme", "/api/auth/me,",
		"/api/auth/me.json", "/api/auth/me%3fx", "/api/auth/%c0%af", "/api/auth/%ff", "/api/auth/me%", "/api/auth/docs/../me", "/api/auth/docs/%2e%2e/me", "/api/auth/ui/../../../etc/passwd", "/api/auth/ui/..%2f..%2fgo.mod",
		"/api/auth/sessions/", "/api/auth/sessions//x", "/api/auth/docs/", "/api/auth/docs/../openapi.json", "/api/auth/ui/", "/api/auth/ui/verify.html", "/api/auth/.well-known/nothing", "/api/auth/dev/mailbox",
	} {
		for _, token := range []string{"", bearer(p.user.access)} {
			_, a := p.exchange("path", "GET "+path+" HTTP/1.1\r\n"+hostLine+"Accept: text/html\r\n"+token+"\r\n")
			if !strings.HasPrefix(path, "/") || strings.HasSuffix(path, "%") {
				a.Refused(http.StatusBadRequest, "malformed_request")
				continue
			}
			a.Refused(http.StatusNotFound, "not_found")
			assert.NotContains(p, string(a.Body), "script")
		}
	}
	for target, statuses := range map[string][]int{
		"*": {400}, "api/auth/me": {400}, "/api/auth/me?x#y": {401}, "/api/auth/me#y": {400, 401, 404}, "http://evil.example/api/auth/me": {400, 401}, "http://auth.example.com/api/auth/me": {401},
		"http:///api/auth/me": {400, 401}, "/" + strings.Repeat("a", 16<<10): {414}, "/" + strings.Repeat("a/", 4000): {404}, "/api/auth/%zz": {400}, "": {400}, "auth.example.com:80": {400}, "/api/auth/me\x80": {400, 404}, "/api/auth/me\x01": {400},
	} {
		r, a := p.exchange("target", "GET "+target+" HTTP/1.1\r\n"+hostLine+"\r\n")
		if a.Is(statuses...); a.Status == http.StatusRequestURITooLong {
			r.Ends(a.What)
		}
	}
}

// B-29, S-42: every path of the document with every method.
func methods(p probe) {
	document, err := openapi3.NewLoader().LoadFromData(p.document)
	require.NoError(p, err)
	require.Greater(p, document.Paths.Len(), 15)
	for path, item := range document.Paths.Map() {
		path = strings.NewReplacer("{user_id}", randomID, "{session_id}", randomID, "{factor_id}", randomID).Replace(path)
		require.NotContains(p, path, "{")
		allowed := []string{}
		for method := range item.Operations() {
			allowed = append(allowed, method)
			if method == http.MethodGet {
				allowed = append(allowed, http.MethodHead)
			}
		}
		if path == api.Prefix+"/me/factors/totp" {
			allowed = append(allowed, http.MethodDelete) // it has the form of /me/factors/{factor_id}, too
		}
		slices.Sort(allowed)
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "Get", "FOO", "X-Y", "GETT"} {
			if slices.Contains(allowed, method) || path == api.Prefix+"/forward-auth" {
				continue // forward-auth takes every method, F-A16
			}
			r := p.dial()
			r.Send(method + " " + path + " HTTP/1.1\r\n" + hostLine + "X-HTTP-Method-Override: " + allowed[0] + "\r\nX-Method-Override: DELETE\r\nX-Echo: " + secret + "\r\nContent-Length: 0\r\n\r\n")
			a := r.Receive(method, method+" "+path).Is(http.StatusMethodNotAllowed)
			allow := strings.Split(a.Header.Get("Allow"), ", ")
			slices.Sort(allow)
			assert.Equal(p, allowed, allow, "%s %s", method, path)
		}
	}
	// /sessions and /me/export hold the time of the request, so their length differs.
	for _, path := range []string{"/me", "/admin/users/" + p.user.id + "/sessions", "/test/public", "/admin/users", "/openapi.json"} {
		get := p.Get(path, p.admin.access)
		head := p.Do(api.Request{Method: http.MethodHead, Path: api.Prefix + path, Token: p.admin.access})
		assert.Equal(p, get.Status, head.Status, path)
		assert.Empty(p, head.Body)
		assert.Equal(p, fmt.Sprint(len(get.Body)), head.Header.Get("Content-Length"), path)
		for _, name := range []string{"Content-Type", "Cache-Control"} {
			assert.Equal(p, get.Header.Get(name), head.Header.Get(name), path)
		}
	}
	p.Do(api.Request{Method: http.MethodGet, Path: api.Prefix + "/me", Token: p.user.access, Body: `{"role":"admin"}`}).Is(http.StatusOK)
	_, long := p.exchange("method", strings.Repeat("M", 40<<10)+" "+api.Prefix+"/me HTTP/1.1\r\n"+hostLine+"\r\n")
	long.Refused(http.StatusRequestHeaderFieldsTooLarge, "headers_too_large")
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X-Y"} {
		for path, yes := range map[string]int{
			"/forward-auth": http.StatusNoContent, "/forward-auth/": http.StatusOK, "/forward-auth/require/role=user/x?y=z": http.StatusOK, "/forward-auth/x/%2e%2e/me": http.StatusOK,
			"/forward-auth/%2e%2e/me": http.StatusUnprocessableEntity, "/forward-auth/?role=user": http.StatusUnprocessableEntity,
		} {
			r := p.dial()
			r.Send(method + " " + api.Prefix + path + " HTTP/1.1\r\n" + hostLine + bearer(p.user.access) + "Content-Length: 2\r\n\r\n{}")
			r.Receive(method, method+" "+path).Is(yes)
			r.Send(method + " " + api.Prefix + path + " HTTP/1.1\r\n" + hostLine + "\r\n")
			r.Receive(method, method+" "+path).Refused(http.StatusUnauthorized, "unauthenticated")
		}
	}
	for _, method := range []string{"", "G{T", "G T", "GE\x00T", "ГЕТ"} {
		_, a := p.exchange("method", method+" "+api.Prefix+"/me HTTP/1.1\r\n"+hostLine+"\r\n")
		a.Refused(http.StatusBadRequest, "malformed_request")
	}
}
