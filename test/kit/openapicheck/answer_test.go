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

// seen is an answer without a body.
type seen struct {
	status int
	header http.Header
}

func (s seen) checkHeaders() error {
	return openapicheck.CheckHeaders(&http.Response{StatusCode: s.status, Header: s.header})
}

func (s seen) checkProblem(body string) (openapicheck.Problem, error) {
	return openapicheck.CheckProblem(&http.Response{StatusCode: s.status, Header: s.header}, []byte(body))
}

func answer(status int, changes ...string) seen {
	header := http.Header{}
	for _, pair := range append([]string{
		"X-Request-Id: r", "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Content-Security-Policy: default-src 'none'",
		"Content-Type: application/problem+json",
	}, changes...) {
		name, value, _ := strings.Cut(pair, ": ")
		header.Set(name, value)
	}
	if status == http.StatusUnauthorized && len(header["Www-Authenticate"]) == 0 {
		header.Set("WWW-Authenticate", "Bearer")
	}
	return seen{status, header}
}

func TestCheckHeaders_ReportsMissingAndWrongHeaders(t *testing.T) {
	t.Parallel()
	require.NoError(t, answer(401).checkHeaders())
	require.NoError(t, answer(429, "Retry-After: 1").checkHeaders())
	for _, bad := range []seen{
		answer(200, "X-Request-Id: "), answer(200, "X-Request-Id: a b"), answer(200, "X-Content-Type-Options: "), answer(200, "Referrer-Policy: origin"),
		answer(200, "Content-Security-Policy: "), answer(200, "Server: fasthttp"), answer(401, "Www-Authenticate: "), answer(403, "Www-Authenticate: Bearer"), answer(405), answer(429), answer(503),
	} {
		require.Error(t, bad.checkHeaders(), "%v", bad)
	}
}

func TestCheckProblem_ReportsEveryMistake(t *testing.T) {
	t.Parallel()
	p, err := answer(401).checkProblem(problem)
	require.NoError(t, err)
	assert.Equal(t, "forbidden", p.Code)
	for name, tc := range map[string]struct {
		answer   seen
		from, to string
	}{
		"media type":      {answer(401, "Content-Type: text/plain"), "", ""},
		"no JSON":         {answer(401), "{", ""},
		"other id":        {answer(401, "X-Request-Id: other"), "", ""},
		"other status":    {answer(403), "", ""},
		"other type":      {answer(401), "error:forbidden", "error:y"},
		"no detail":       {answer(401), `"detail":"d"`, `"detail":""`},
		"inside word":     {answer(401), `"detail":"d"`, `"detail":"SQL logic error"`},
		"inside in field": {answer(401), `"detail":"d"`, `"detail":"d","errors":[{"pointer":"/a","detail":"panic"}]`},
	} {
		_, err := tc.answer.checkProblem(strings.Replace(problem, tc.from, tc.to, 1))
		require.Error(t, err, name)
	}
}

func TestNames_IgnoresTheDefault(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../../docs/openapi.json")
	require.NoError(t, err)
	checker, err := openapicheck.New(document)
	require.NoError(t, err)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://auth.example.com/api/auth/me", http.NoBody)
	assert.True(t, checker.Names(req, 401))
	assert.False(t, checker.Names(req, 418))
	elsewhere := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://auth.example.com/api/auth/x", http.NoBody)
	assert.False(t, checker.Names(elsewhere, 404))
}
