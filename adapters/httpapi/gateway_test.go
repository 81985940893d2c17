package httpapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// askedPath is the path of questions.
const askedPath = BasePath + "/forward-auth"

// envoyAsks is a question as Envoy's ext_authz sends it over HTTP: the client's method and
// path, below path_prefix, Host, Authorization and the headers of allowed_headers, with a
// length of 0 and what Envoy's own client adds.
func envoyAsks(method, prefix, clientPath, token string, fields ...string) string {
	text := method + " " + prefix + clientPath + " HTTP/1.1\r\n" + host
	if token != "" {
		text += "authorization: Bearer " + token + "\r\n"
	}
	for _, field := range fields {
		text += field + "\r\n"
	}
	return text + "content-length: 0\r\nx-envoy-internal: true\r\nx-forwarded-for: 203.0.113.9\r\nx-envoy-expected-rq-timeout-ms: 2000\r\n\r\n"
}

// hostilePaths are paths by which a client would have the service require less than the
// operator did, or nothing.
func hostilePaths() []string {
	return []string{
		"/", "/?role=user", "/?role=admin", "/x?role=user&role=user", "/?", "/??role=user", "/?require/role=user", "/;role=user", "/#/../", "/?#", "/x?role=", "/x?roles=user",
		"/require/role=user", "/x/require/role=user", "/forward-auth/require/role=user", "/api/auth/forward-auth", "/api/auth/forward-auth/require/role=user/",
		"/..", "/../", "/../..", "/../../", "/../../../forward-auth", "/../role=user", "/../role=user/", "/../../require/role=user/", "/../../../../test/public", "/../../../test/public",
		"/.", "/./", "/./../role=user", "//", "///", "//require/role=user", "//../../role=user", "//evil.example/require/role=user",
		"/%2e%2e", "/%2e%2e/", "/%2e%2e/role=user", "/%2E%2E/%2E%2E/require/role=user", "/.%2e/role=user", "/%2e./role=user", "/..%2frole=user", "/..%2Frole=user", "/..%5crole=user", `/..\role=user`, `\..\role=user`,
		"/%2f", "/%2f..%2frole=user", "/%2f%2f", "/%252e%252e/role=user", "/%252f", "/..;/role=user", "/..;/..;/require/role=user", "/;/", "/.;/", "/..%00/role=user", "/%00", "/%00/../role=user", "/%0d%0a", "/%09",
		"/%c0%ae%c0%ae/role=user", "/%e0%80%ae", "/\x80", "/ü", "/%ff", "/*", "*", "/{role}", "/:role", "/%7brole%7d",
		"/" + strings.Repeat("a", 7000), "/" + strings.Repeat("../", 2000), "/" + strings.Repeat("%2e%2e/", 1000) + "role=user", strings.Repeat("/", 4000), "/?" + strings.Repeat("role=user&", 600),
		"/" + strings.Repeat("a", 9000), "/" + strings.Repeat("a", 20000), "/%", "/%zz", "/%2", "/?%zz", "/x y", "/\x01", "%2frole=user", "/role=user", "&role=user", "?role=user", ",user", ";", "%00", "%20", "/%20",
		",mfa=false", ",mfa=true", ",", ",,", "%2cmfa=false", "%2Cmax_age=31536000", ";mfa=false", "&mfa=false", "?mfa=false&max_age=31536000", ",max_age=31536000", ",role=user", "%00mfa=false", "/mfa=true", "/mfa=false",
		"/,mfa=false", "/%2cmfa=false", "/?mfa=false", "/?mfa=true&max_age=300", "/max_age=31536000", "/require/role=user,mfa=false", "/../role=user,mfa=false/", "/..%2frole=user", "/../../forward-auth?mfa=false", "//mfa=false",
	}
}

// F-A16: nothing that a client writes weakens or skips what the operator required, under
// any method.
func TestForwardAuth_BelowItsPathTheClientDecidesNothing(t *testing.T) {
	t.Parallel()
	b := silent(t, testConfig(), goodUseCases())
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "REPORT", "QUERY", "get"}
	status := func(method, prefix, path, token string, fields ...string) int {
		a := b.from(t, "203.0.113.7", envoyAsks(method, prefix, path, token, fields...))
		if a.Status < http.StatusMultipleChoices {
			assert.NotEmpty(t, a.Header.Get("X-Auth-User-Id"))
		} else {
			assert.Empty(t, a.Header.Get("X-Auth-User-Id"))
			assert.NotContains(t, a.Header, "X-Auth-Methods")
		}
		return a.Status
	}
	for i, path := range hostilePaths() {
		method := methods[i%len(methods)]
		for _, prefix := range []string{
			askedPath + "/require/role=admin", askedPath + "/require/role=admin/", // as documented
			askedPath + "?role=admin", askedPath + "?x=", // mistakes that cannot be told from a query of the operator
			askedPath + "/require", askedPath + "/require/", askedPath + "/require/role", askedPath + "/require/role=", askedPath + "/require/rolle=admin",
			askedPath + "/require/role=root", askedPath + "/require/role=ADMIN", askedPath + "/require/role%3Dadmin", askedPath + "/require/admin", askedPath + "/Require/role=admin", askedPath + "/%72equire/role=admin",
			askedPath + "/require/role=admin,user", askedPath + "/require/role=admin;role=user", askedPath + "/require//role=admin", askedPath + "/require/./role=admin",
		} {
			for _, token := range []string{"", "x", userToken} {
				got := status(method, prefix, path, token, "x-auth-role: admin", "x-auth-user-id: forged", "x-http-method-override: GET", "x-original-url: "+BasePath+"/test/public", "x-envoy-original-path: /")
				if prefix == askedPath+"/require" && !strings.HasPrefix(path, "/") || strings.HasPrefix(prefix+path, askedPath+"/require/role=user") {
					continue // a prefix that refuses every path of HTTP, so no gateway works with it
				}
				assert.GreaterOrEqual(t, got, 400, "%s %s with %q, prefix %s", method, path, token, prefix)
			}
		}
		for _, prefix := range []string{askedPath + "/require/role=user", askedPath} {
			for _, token := range []string{"", "x"} {
				assert.GreaterOrEqual(t, status(method, prefix, path, token), 400, "%s %s, prefix %s", method, path, prefix)
			}
		}
	}
}

// F-A16: users who may are let through, whatever an application's paths look like.
func TestForwardAuth_AnswersUnderAnyMethodAndPath(t *testing.T) {
	t.Parallel()
	b := silent(t, testConfig(), goodUseCases())
	paths := []string{"", "/", "/x", "/x?role=admin&role=root&a=%2f", "/?", "/a//b/../c/%2e%2e/d%2fe;f=g/", "/require/role=root", "/api/auth/metrics", "/" + strings.Repeat("a", 7000), "/search?q=" + strings.Repeat("%20", 2000)}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "QUERY", "X-Y", "get"} {
		ask := func(prefix, path, token string, want int) {
			t.Helper()
			a := b.from(t, "203.0.113.7", envoyAsks(method, prefix, path, token, "content-type: text/plain", "content-encoding: gzip", "transfer: x"))
			assert.Equal(t, want, a.Status, "%s %s%s", method, prefix, path)
			if want < http.StatusMultipleChoices {
				assert.Equal(t, []string{"ada@example.com"}, a.Header["X-Auth-User-Email"])
				assert.Equal(t, []string{sessionID.String()}, a.Header["X-Auth-Session-Id"])
				assert.Equal(t, []string{map[bool]string{true: "pwd,otp,mfa", false: "pwd"}[token == factorsToken]}, a.Header["X-Auth-Methods"])
			}
		}
		for _, path := range paths {
			ask(askedPath+"/require/role=user", path, userToken, http.StatusOK)
			ask(askedPath+"/require/role=user", path, adminToken, http.StatusOK)
			ask(askedPath+"/require/role=admin", path, adminToken, http.StatusOK)
			ask(askedPath+"/require/role=admin", path, userToken, http.StatusForbidden)
			ask(askedPath+"/require/role=admin", path, "", http.StatusUnauthorized)
			ask(askedPath+"/require/role=admin,mfa=true,max_age=300", path, factorsToken, http.StatusOK)
			ask(askedPath+"/require/role=admin,mfa=true", path, adminToken, http.StatusUnauthorized)
			ask(askedPath+"/require/role=admin,max_age=300", path, adminToken, http.StatusUnauthorized)
		}
		ask(askedPath, "/reports/3?x=y", userToken, http.StatusOK)
		ask(askedPath, "?role=admin", adminToken, http.StatusNoContent)
		ask(askedPath, "?role=admin", userToken, http.StatusForbidden)
		ask(askedPath, "?role=admin&role=user", adminToken, http.StatusUnprocessableEntity)
		ask(askedPath, "", "", http.StatusUnauthorized)
	}
}

// F-M2, V-41: the address is there in every answer that lets a request through, if only empty,
// so that a gateway which copies it overwrites what its client sent.
func TestForwardAuth_AlwaysHasTheHeaderOfTheAddress(t *testing.T) {
	t.Parallel()
	b := silent(t, testConfig(), goodUseCases())
	for token, want := range map[string]string{userToken: "ada@example.com", unconfirmedToken: ""} {
		for _, path := range []string{"", "?role=user", "/require/role=user/x"} {
			a := b.from(t, "203.0.113.7", envoyAsks("GET", askedPath+path, "", token, "x-auth-user-email: forged@example.com"))
			require.Less(t, a.Status, http.StatusMultipleChoices, path)
			assert.Equal(t, []string{want}, a.Header["X-Auth-User-Email"], path)
		}
		a := b.from(t, "203.0.113.7", envoyAsks("GET", askedPath+"?role=admin", "", token))
		assert.Equal(t, http.StatusForbidden, a.Status)
		assert.NotContains(t, a.Header, "X-Auth-User-Email")
	}
}

// F-A16: the prefixes of the shipped configuration of Envoy require what they say.
func TestForwardAuth_ThePrefixesOfTheEnvoyGuideRequireTheirRole(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/gateways/envoy.md")
	require.NoError(t, err)
	b := silent(t, testConfig(), goodUseCases())
	got := map[string][]int{}
	for _, prefix := range regexp.MustCompile(`path_prefix: (\S+)`).FindAllStringSubmatch(string(guide), -1) {
		for _, token := range []string{"", userToken, adminToken} {
			got[prefix[1]] = append(got[prefix[1]], b.from(t, "203.0.113.7", envoyAsks("PUT", prefix[1], "/app/x?role=user", token)).Status)
		}
	}
	assert.Equal(t, map[string][]int{askedPath + "/require/role=user": {401, 200, 200}, askedPath + "/require/role=admin": {401, 403, 200}}, got)
}

// F-A16: a requirement that an operator misspelt lets no user through.
func TestForwardAuth_AMisspeltRequirementLetsNobodyThrough(t *testing.T) {
	t.Parallel()
	b := silent(t, testConfig(), goodUseCases())
	for _, asked := range []string{
		"/?role=admin", "/?x=y&role=admin", "//require/role=admin/x", "/./require/role=admin/x", "/../require/role=admin/x", "/%2e/require/role=admin/x", "/role=admin/x", "/roles/role=admin/x",
		"/?mfa=true", "/?max_age=300", "/mfa=true/x", "/max_age=300/x", "/role=admin,mfa=true/x", "/roles/mfa=true/x", "/requires/max_age=300/x", "/require/mfa=true/x", "/require,mfa=true/x", "/require/max_age=300/x",
		"/requires/role=admin/x", "/require;x/role=admin/x", "/require%2Frole=admin/x", "/require%20/role=admin", "/Require/role=admin", "/require=admin/x", "/require-role/admin", "/require/admin", "/require", "/require/",
	} {
		for _, token := range []string{userToken, adminToken, factorsToken} {
			a := b.from(t, "203.0.113.7", envoyAsks("GET", askedPath+asked, "", token))
			assert.Equal(t, http.StatusUnprocessableEntity, a.Status, asked)
			assert.Empty(t, a.Header.Get("X-Auth-User-Id"), asked)
		}
	}
	for _, path := range []string{"/", "/?x=y", "/requirements/3", "/x?role=admin", "/roles/3", "/..x", "/x/require/role=admin"} {
		assert.Equal(t, http.StatusOK, b.from(t, "203.0.113.7", envoyAsks("GET", askedPath, path, userToken)).Status, path)
	}
}

// F-A16: a body is ignored, with its headers and whatever its size.
func TestForwardAuth_IgnoresBodies(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, size := range []int{1, 64 << 10, 64<<10 + 1, 10 << 20} {
		for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			for path, token := range map[string]string{"?role=admin": adminToken, "/require/role=admin/upload": adminToken, "/require/role=admin/": userToken, "/x": ""} {
				for _, framing := range []string{fmt.Sprintf("Content-Length: %d\r\n\r\n", size), fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", size)} {
					want := map[string]int{adminToken: http.StatusOK, userToken: http.StatusForbidden, "": http.StatusUnauthorized}[token]
					if path == "?role=admin" {
						want = http.StatusNoContent
					}
					if size > 64<<10 && strings.Contains(framing, "chunked") {
						want = http.StatusRequestEntityTooLarge // its length is not known in time, and it is not kept
					}
					name := fmt.Sprintf("%s %s of %d bytes, %.8s", method, path, size, framing)
					head := method + " " + askedPath + path + " HTTP/1.1\r\n" + host + "Content-Type: multipart/form-data\r\n"
					if token != "" {
						head += "Authorization: Bearer " + token + "\r\n"
					}
					r := b.dial()
					sent := make(chan struct{})
					go func() {
						defer close(sent)
						_, _ = io.WriteString(r.Conn, head+framing+strings.Repeat("{", size)) // the answer may come first
						if strings.Contains(framing, "chunked") {
							_, _ = io.WriteString(r.Conn, "\r\n0\r\n\r\n")
						}
					}()
					a := r.Receive(method, name)
					assert.Equal(t, want, a.Status, name)
					assert.Equal(t, want < http.StatusMultipleChoices, a.Header.Get("X-Auth-User-Id") != "", name)
					<-sent
				}
			}
		}
	}
	r := b.dial()
	r.Send("POST " + askedPath + "/x HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\nExpect: 100-continue\r\nContent-Length: 10485760\r\n\r\n")
	assert.Equal(t, http.StatusOK, r.Receive("POST", "expecting").Status)
}

// F-A16: what a browser asks before it sends credentials is nothing that the service could
// let through to an application. The gateway knows such requests.
func TestForwardAuth_AnswersNoPreflight(t *testing.T) {
	t.Parallel()
	// The path of the public URL may be the beginning of the API's own (F-A17).
	for _, path := range []string{"", "/id", "/a", "/api", "/api/a"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			answersNoPreflight(t, path)
		})
	}
}

func answersNoPreflight(t *testing.T, path string) {
	t.Helper()
	config := testConfig()
	origins, err := ParseOrigins([]string{"https://app.example.com"})
	require.NoError(t, err)
	config.CORSAllowedOrigins, config.PublicURL = origins, "https://auth.example.com"+path
	b := start(t, config, goodUseCases())
	b.Check = nil // the document holds no preflights
	r := b.dial()
	r.Send("POST " + askedPath + " HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\nExpect: 100-continue\r\nContent-Length: 10485760\r\n\r\n")
	assert.Equal(t, http.StatusNoContent, r.Receive("POST", "a large body is ignored").Status)
	preflight := http.Header{"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"GET"}, "Access-Control-Request-Headers": {"authorization"}}
	for _, path := range []string{
		askedPath, askedPath + "?role=admin", askedPath + "/require/role=admin/x", askedPath + "/x", path + askedPath, path + askedPath + "/require/role=admin/x",
	} {
		a := b.Once(api.Request{Method: http.MethodOptions, Path: path, Header: preflight})
		isProblem(t, a, http.StatusUnauthorized, "unauthenticated")
		assert.Empty(t, a.Header.Get("Access-Control-Allow-Origin"))
	}
	assert.Equal(t, http.StatusNoContent, b.Once(api.Request{Method: http.MethodOptions, Path: BasePath + "/me", Header: preflight}).Status)
}

// Claims reach gateways percent-encoded, so that no value ends its header or makes another.
func TestClaimText_EncodesAllButUnreservedCharacters(t *testing.T) {
	t.Parallel()
	for value, want := range map[any]string{
		"Ada Löwe\n": "Ada%20L%C3%B6we%0A", json.Number("-1.5e3"): "-1.5e3", true: "true", false: "false", nil: "", "a+b@c~": "a%2Bb%40c~",
	} {
		text := claimText(value)
		assert.Equal(t, want, text)
		back, err := url.PathUnescape(text)
		require.NoError(t, err)
		if s, isText := value.(string); isText {
			assert.Equal(t, s, back)
		}
	}
	assert.Equal(t, "a,b%2Cc", claimText([]string{"a", "b,c"}))
}
