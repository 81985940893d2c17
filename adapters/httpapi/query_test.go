package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/ports"
)

// recordingList is a server that keeps the last query for users.
func recordingList(t *testing.T) (*bench, *ports.ListUsersCommand) {
	t.Helper()
	var got ports.ListUsersCommand
	useCases := goodUseCases()
	useCases.ListUsers = does[ports.ListUsersCommand, ports.UsersResult](func(_ context.Context, cmd ports.ListUsersCommand) (ports.UsersResult, error) {
		got = cmd
		return ports.UsersResult{}, nil
	})
	return start(t, testConfig(), useCases), &got
}

// B-25, V-29: an integer has one spelling and bounds.
func TestQuery_LimitIsStrict(t *testing.T) {
	t.Parallel()
	b, got := recordingList(t)
	for value, limit := range map[string]int{
		"1": 1, "200": 200, "0": -1, "-1": -1, "201": -1, "2147483648": -1, "9223372036854775807": -1, "9223372036854775808": -1, "1e3": -1,
		"01": -1, "%2B1": -1, "+1": -1, "%201": -1, "1%20": -1, "%EF%BC%91": -1, "abc": -1, "": -1, "1;2": -1, "0x1": -1, "1.0": -1, "1%00": -1, "%FF": -1,
	} {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/admin/users?limit=" + value, token: adminToken})
		if limit < 0 {
			isProblem(t, a, http.StatusUnprocessableEntity, "validation_failed")
			assert.Contains(t, a.body, `"/limit"`, value)
			continue
		}
		assert.Equal(t, http.StatusOK, a.StatusCode, value)
		assert.Equal(t, limit, got.Limit)
	}
}

// B-26, B-27: parameters that are unknown, repeated or not in the list of
// values are refused; text arrives as it is.
func TestQuery_ParametersAreStrict(t *testing.T) {
	t.Parallel()
	b, got := recordingList(t)
	for _, query := range []string{
		"page=1", "page[]=1", "limit=1&limit=2", "offset=0", "sort=password_hash", "sort=(select+1)", "order=asc;drop", "verified=yes", "status=gone", "role=root",
		"q=a%00b", "q=", "cursor=a&cursor=b", "LIMIT=1", strings.Repeat("a=b&", 1500),
	} {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/admin/users?" + query, token: adminToken})
		assert.Equal(t, http.StatusUnprocessableEntity, a.StatusCode, query)
		assert.Less(t, len(a.body), 4096)
	}
	for _, text := range []string{"%", "_", `\`, `a\`, "'", "[a-z]", "a b+c", "ada@example", "ä", strings.Repeat("x", 7000)} {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/admin/users?q=" + url.QueryEscape(text), token: adminToken})
		assert.Equal(t, http.StatusOK, a.StatusCode, text)
		assert.Equal(t, text, got.EmailPrefix)
	}
	b.do(request{method: http.MethodGet, token: adminToken, path: "/api/auth/admin/users?limit=7&cursor=c&q=a&role=admin&status=disabled&verified=false" +
		"&created_after=2026-01-01T00:00:00Z&created_before=2026-02-01T00:00:00Z&sort=-email"})
	got.Principal = ports.ListUsersCommand{}.Principal
	assert.Equal(t, ports.ListUsersCommand{
		Limit: 7, Cursor: "c", EmailPrefix: "a", Role: "admin", Status: "disabled", Verified: "false",
		CreatedAfter: "2026-01-01T00:00:00Z", CreatedBefore: "2026-02-01T00:00:00Z", Sort: "-email",
	}, *got)
}

// B-27: where no parameter is read, any query is ignored.
func TestQuery_IsIgnoredWhereNothingIsRead(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, query := range []string{"x=1", "a&a&a", "+", "a;b", strings.Repeat("a=b&", 2000)} {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/test/public?" + query})
		assert.Equal(t, http.StatusOK, a.StatusCode, query)
	}
}

// B-36: the API speaks JSON whatever a client would like.
func TestAccept_IsAnsweredWithJSON(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, accept := range []string{"text/html", "application/xml", "*/*;q=0", "json", "a;q", ";", "a;", "application/json;q", strings.Repeat("a/b,", 2500)} {
		header := http.Header{"Accept": {accept}}
		a := b.do(request{method: http.MethodGet, path: "/api/auth/test/public", header: header})
		assert.Equal(t, http.StatusOK, a.StatusCode, accept)
		assert.Equal(t, "application/json", a.Header.Get("Content-Type"))
		isProblem(t, b.do(request{method: http.MethodPost, path: "/api/auth/login", header: header}), http.StatusBadRequest, "body_missing")
	}
}
