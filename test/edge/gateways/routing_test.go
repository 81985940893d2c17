package gateways

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

func routeTheAPIOnly(t *testing.T, s scene) {
	for target, status := range map[string]int{
		"/api/auth/test/public":            http.StatusOK,
		"/api/auth/test/public?a=%2f..;//": http.StatusOK,
		"/api/auth/openapi.json":           http.StatusOK,
		"/api/auth/.well-known/jwks.json":  http.StatusOK,
		"/api/auth/docs":                   http.StatusOK,
		"/api/auth/ui/reset":               http.StatusOK,
		"/api/auth/test/protected":         http.StatusUnauthorized,
		"/.well-known/change-password":     http.StatusFound, // F-A27
	} {
		a := ask(t, s.g, request("GET", target))
		assert.Equal(t, status, a.status, target)
		assert.NotEmpty(t, a.header.Get("X-Request-Id"), "the service answered %s", target)
	}
	a := ask(t, s.g, request("GET", "/api/auth/me", s.user.bearer()))
	assert.Equal(t, http.StatusOK, a.status, a.body)
	h2, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: s.g.TLS.Clone(), ForceAttemptHTTP2: true}}).Get(s.g.URL + "/api/auth/test/public")
	require.NoError(t, err)
	require.NoError(t, h2.Body.Close())
	assert.Equal(t, "HTTP/2.0 200", fmt.Sprint(h2.Proto, " ", h2.StatusCode))
	for _, target := range []string{"/", "/api", "/api/", "/api/auth", "/api/authx/test/public", "/apixauth/test/public", "/index.html", "/app", "/_auth/user", "/_auth/admin",
		"/.well-known", "/.well-known/", "/.well-known/change-password/", "/.well-known/change-passwords", "/.well-known/openid-configuration"} {
		hidden(t, s, target)
	}
}

// hidden sends requests that the gateway itself has to refuse.
func hidden(t *testing.T, s scene, target string) {
	t.Helper()
	a := ask(t, s.g, request("GET", target, s.admin.bearer()))
	assert.Equal(t, http.StatusNotFound, a.status, "%s: %.200s", target, a.body)
	assert.Empty(t, a.header.Get("X-Request-Id"), "the service answered %s", target)
	assert.Empty(t, a.header.Get("X-Demo-App"), "the application answered %s", target)
}

func hideProbesAndMetrics(t *testing.T, s scene) {
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		for _, target := range []string{path, path + "/", path + "?a=b", strings.ToUpper(path), "https://" + gateway.Host + path, "//" + path} {
			hidden(t, s, target)
		}
		// The hidden target exists.
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.replicas[0].URL+path, http.NoBody)
		require.NoError(t, err)
		r.Header.Set("X-Request-ID", direct)
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, http.StatusOK, response.StatusCode)
		// If a request got there, the log would show it.
		program.Eventually(t, "the request is in the log", func() bool {
			for _, match := range served.FindAllStringSubmatch(s.logs(), -1) {
				if match[1] == direct && "/"+match[2] == path {
					return true
				}
			}
			return false
		})
	}
}

// tricks returns paths that another parser could read as hidden targets.
func tricks() []string {
	var all []string
	for _, up := range []string{
		"..", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "..;", "..;a=b", "%2e%2e;", "..%2f", "..%5c", `..\`, "..%00", "%252e%252e", "..%252f", "%c0%ae%c0%ae", "..%3b", ";/..", ".", "%2e", "",
	} {
		for _, path := range []string{"metrics", "healthz", "readyz"} {
			all = append(all, "/api/auth/"+up+"/"+up+"/"+path, "/api/auth/"+up+"/../"+path, "/api/auth/"+up+"/"+path, "/app/public/"+up+"/"+up+"/"+path)
		}
	}
	return append(all,
		"/api/auth/..%2f..%2fmetrics", `/api/auth/..\..\metrics`, "/api/auth/%2e%2e%2f%2e%2e%2fmetrics", "/api/auth%2f..%2f..%2fmetrics", "/api/auth/%5c..%5c..%5cmetrics",
		"//metrics", "///metrics", "/./metrics", "/%2fmetrics", `/\metrics`, "/%6detrics", "/metric%73", "/metrics%00", "/metrics%20", "/metrics;a", "/;/metrics", "/metrics%2f",
		"/api/auth/..", "/api/auth/../", "/api//auth/me", "//api/auth/me", "/api/auth//me", "/api/auth/./me", "/api/auth/x/../me", "/metrics/../api/auth/me", "/api%2fauth/me", "/api/auth%2fme", "/api/auth/me;a", "/api/auth/%6de",
		"/API/auth/me", "/api/AUTH/me", "/Api/Auth/../../Metrics", "/METRICS", "/Metrics", "/api/auth/../../METRICS",
	)
}

// served matches the log line of a request that reached a hidden target.
var served = regexp.MustCompile(`"request_id":"([^"]*)","method":"[A-Z]+","route":"/(metrics|healthz|readyz)"`)

// throughGateways returns the ids of such requests that came through a gateway. It omits
// requests of the test itself and health checks of the gateways at /readyz.
func throughGateways(logs string) []string {
	var lines []string
	for _, match := range served.FindAllStringSubmatch(logs, -1) {
		if match[1] != direct && match[2] != "readyz" {
			lines = append(lines, match[0])
		}
	}
	return lines
}

// direct marks requests that the test sends to a replica itself.
const direct = "sent-to-the-replica"

func refuseTricksWithPaths(t *testing.T, s scene) {
	var passed []string
	for _, target := range tricks() {
		for _, target := range []string{target, "https://" + gateway.Host + target} {
			a := ask(t, s.g, request("GET", target, s.admin.bearer()))
			// A gateway answers 400 to a target that is malformed.
			if (a.status != http.StatusNotFound && a.status != http.StatusBadRequest) || a.header.Get("X-Demo-App")+a.header.Get("X-Request-Id") != "" {
				passed = append(passed, fmt.Sprintf("%s: %d %.40q", target, a.status, a.body))
			}
		}
	}
	assert.Empty(t, passed, "paths that the gateway did not refuse by itself")
	assert.Empty(t, throughGateways(s.logs()), "no request reached the service's probes")
}

func leadPlainTextToTLS(t *testing.T, s scene) {
	for _, target := range []string{"/api/auth/test/public?a=b", "/metrics"} {
		conn, err := net.Dial("tcp", s.g.PlainAddr)
		require.NoError(t, err)
		_, err = conn.Write([]byte(request("GET", target, "Connection: close")))
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.NoError(t, conn.Close())
		assert.Contains(t, []int{http.StatusMovedPermanently, http.StatusPermanentRedirect}, response.StatusCode)
		assert.Regexp(t, `^https://`+regexp.QuoteMeta(gateway.Host)+`(:\d+)?`+regexp.QuoteMeta(target)+`$`, response.Header.Get("Location"))
	}
}
