package httpapi

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// A caller without the permission learns nothing about how the input is judged.
func TestAuthorization_ComesBeforeTheInput(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, op := range operations() {
		if op.role == "" || op.path == "/logout" {
			continue
		}
		r := api.Request{
			Method: op.method, Path: BasePath + op.path + "?limit=0&limit=1", Body: "{", Header: http.Header{"Content-Type": {"text/plain"}},
		}
		isProblem(t, b.Once(r), http.StatusUnauthorized, "unauthenticated")
		if op.role == domain.RoleAdmin {
			r.Token = userToken
			isProblem(t, b.Once(r), http.StatusForbidden, "forbidden")
		}
	}
}

// strayHeaders are headers that clients and gateways send with every request, whatever
// the operation takes.
func strayHeaders() []http.Header {
	return []http.Header{
		{"Authorization": {"Bearer " + userToken}},
		{"Authorization": {"Bearer expired"}},
		{"Authorization": {"Bearer of.another.service"}},
		{"Authorization": {"Basic dXNlcjpwYXNz"}},
		{"Authorization": {"Bearer"}},
		{"Authorization": {""}},
		{"Authorization": {"Bearer " + userToken, "Bearer " + adminToken}},
		{"Authorization": {"Bearer \x80"}},
		{"Cookie": {"auth_device=<script>; auth_registration=x; auth_registration=y"}},
		{"Origin": {"https://elsewhere.example"}, "Referer": {"https://elsewhere.example/"}},
		{"If-Match": {`"x"`}, "If-None-Match": {"*"}, "Range": {"bytes=0-1"}},
		{"Accept": {"text/html"}, "Accept-Language": {"tlh"}, "Accept-Charset": {"utf-16"}},
		{"Traceparent": {"00-0-0-0"}, "Tracestate": {"="}, "Baggage": {"="}, "X-Request-Id": {"<script>"}},
	}
}

// F-E1: a header that the operation does not need cannot make the request fail.
func TestHeaders_ThatAnOperationDoesNotNeedDecideNothing(t *testing.T) {
	t.Parallel()
	var refreshed string
	useCases := goodUseCases()
	good := useCases.Refresh
	useCases.Refresh = does[ports.RefreshCommand, ports.RefreshResult](func(ctx context.Context, cmd ports.RefreshCommand) (ports.RefreshResult, error) {
		refreshed = cmd.RefreshToken.Reveal()
		return good.Execute(ctx, cmd)
	})
	b := start(t, testConfig(), useCases)
	for _, op := range operations() {
		for _, stray := range strayHeaders() {
			r := op.request()
			if r.Token != "" && stray["Authorization"] != nil {
				continue
			}
			r.Header, refreshed = stray, ""
			a := b.Once(r)
			assert.Equal(t, op.status, a.Status, "%s %s with %v: %s", op.method, op.path, stray, a.Body)
			if op.path == "/refresh" {
				assert.Equal(t, "a.b.c", refreshed, "with %v", stray)
			}
		}
	}
}

// F-E1: without a body there is nothing to be encoded, and the header has the token.
func TestRefresh_ReadsTheHeaderWithoutABodyOnly(t *testing.T) {
	t.Parallel()
	var got []string
	useCases := goodUseCases()
	useCases.Refresh = does[ports.RefreshCommand, ports.RefreshResult](func(_ context.Context, cmd ports.RefreshCommand) (ports.RefreshResult, error) {
		got = append(got, cmd.RefreshToken.Reveal())
		return ports.RefreshResult{}, domain.ErrInvalidRefreshToken
	})
	b := start(t, testConfig(), useCases)
	b.post("/api/auth/refresh", "in.the.header", nil, http.Header{"Content-Type": {"text/plain"}, "Content-Encoding": {"gzip"}})
	b.post("/api/auth/refresh", "", nil, nil)
	b.post("/api/auth/refresh", "in.the.header", `{"refresh_token":""}`, nil)
	b.post("/api/auth/refresh", "in.the.header", `{"refresh_token":"in.the.body"}`, nil)
	assert.Equal(t, []string{"in.the.header", "", "", "in.the.body"}, got)
	bad := b.post("/api/auth/refresh", "in.the.header", `{}`, nil)
	isProblem(t, bad, http.StatusUnprocessableEntity, "validation_failed")

	server, err := New(testConfig(), goodUseCases())
	require.NoError(t, err)
	security := server.api.OpenAPI().Paths[BasePath+"/refresh"].Post.Security
	assert.Equal(t, []map[string][]string{}, security, "a list without entries: no token in a header")
}
