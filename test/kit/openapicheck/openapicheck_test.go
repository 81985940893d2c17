package openapicheck_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
)

const (
	problem = `{"type":"urn:auth-service:error:forbidden","title":"X","status":401,"detail":"d","code":"forbidden","request_id":"r"}`
	message = `{"message":"Hello."}`
)

func TestCheck_ReportsUndocumentedAnswers(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../../docs/openapi.json")
	require.NoError(t, err)
	checker, err := openapicheck.New(document)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		method, path, contentType, body string
		status                          int
		header                          http.Header
		good                            bool
	}{
		"as documented":              {"GET", "/api/auth/test/public", "application/json", message, 200, nil, true},
		"HEAD":                       {"HEAD", "/api/auth/test/public", "application/json", "", 200, nil, true},
		"unknown field":              {"GET", "/api/auth/test/public", "application/json", `{"message":"a","x":1}`, 200, nil, false},
		"missing field":              {"GET", "/api/auth/test/public", "application/json", `{}`, 200, nil, false},
		"wrong media type":           {"GET", "/api/auth/test/public", "text/plain", message, 200, nil, false},
		"undocumented success":       {"GET", "/api/auth/test/public", "application/json", message, 202, nil, false},
		"a refusal by default":       {"GET", "/api/auth/test/public", "application/problem+json", problem, 418, nil, true},
		"an unlisted value":          {"GET", "/api/auth/test/public", "application/problem+json", strings.ReplaceAll(problem, "forbidden", "x"), 418, nil, false},
		"401 without its header":     {"GET", "/api/auth/me", "application/problem+json", problem, 401, nil, false},
		"401 with its header":        {"GET", "/api/auth/me", "application/problem+json", problem, 401, http.Header{"Www-Authenticate": {"Bearer"}}, true},
		"204 with a body":            {"POST", "/api/auth/logout", "", "x", 204, nil, false},
		"other method":               {"PUT", "/api/auth/me", "application/problem+json", problem, 405, nil, true},
		"other method that succeeds": {"PUT", "/api/auth/me", "application/json", message, 200, nil, false},
		"a page":                     {"GET", "/api/auth/ui/verify", "text/html", "<p>", 200, nil, true},
		"an unknown path":            {"GET", "/api/auth/x", "application/problem+json", problem, 404, nil, true},
		"a bare refusal":             {"GET", "/api/auth/x", "text/plain", "not found", 404, nil, false},
		"elsewhere":                  {"GET", "/healthz", "application/json", "{}", 503, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := httptest.NewRequestWithContext(t.Context(), tc.method, "http://auth.example.com"+tc.path, http.NoBody)
			header := http.Header{}
			if tc.contentType != "" {
				header.Set("Content-Type", tc.contentType)
			}
			for name, values := range tc.header {
				header[name] = values
			}
			err := checker.Check(req, &http.Response{StatusCode: tc.status, Header: header}, []byte(tc.body))
			assert.Equal(t, tc.good, err == nil, "%v", err)
		})
	}
}

func TestNew_RefusesAnInvalidDocument(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", `{"openapi":"3.1.0","info":{"title":"x"},"paths":{}}`} {
		_, err := openapicheck.New([]byte(text))
		require.Error(t, err, text)
	}
}
