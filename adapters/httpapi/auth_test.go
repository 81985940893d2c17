package httpapi

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// B-35, S-30, V-34: one header, one scheme, one token; all else is 401.
func TestAuthorization_OneFormOnly(t *testing.T) {
	t.Parallel()
	b := started(t)
	for header, good := range map[string]bool{
		"Bearer user.access.token": true, "bearer user.access.token": true, "BEARER user.access.token": true,
		"": false, "Bearer": false, "Bearer ": false, "Basic dXNlcg==": false, "Bearer user.access.token user.access.token": false,
		"Bearer  user.access.token": false, "Bearer,user.access.token": false, "Bearer user.access.token,Bearer x": false,
		"Bearer\tuser.access.token": false, "Token user.access.token": false, "Bearer user.access.tökén": false, "user.access.token": false,
		"Bearer \"user.access.token\"": false, "Bearer " + strings.Repeat(".", 10000): false,
	} {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/me", header: http.Header{"Authorization": {header}}})
		if good {
			assert.Equal(t, http.StatusOK, a.StatusCode, header)
		} else {
			isProblem(t, a, http.StatusUnauthorized, "unauthenticated")
		}
	}
	two := b.do(request{method: http.MethodGet, path: "/api/auth/me", header: http.Header{"Authorization": {"Bearer " + userToken, "Bearer " + userToken}}})
	isProblem(t, two, http.StatusUnauthorized, "unauthenticated")
}

// S-37: a token in the address is no token.
func TestAuthorization_AddressIsNotLookedAt(t *testing.T) {
	t.Parallel()
	a := started(t).do(request{method: http.MethodGet, path: "/api/auth/me?access_token=" + userToken})
	isProblem(t, a, http.StatusUnauthorized, "unauthenticated")
}

// A caller without the permission learns nothing from how the input is judged.
func TestAuthorization_ComesBeforeTheInput(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, op := range operations() {
		if op.role == "" || op.path == "/logout" {
			continue
		}
		r := request{method: op.method, path: BasePath + op.path + "?limit=0&limit=1", body: "{", header: http.Header{"Content-Type": {"text/plain"}}}
		isProblem(t, b.do(r), http.StatusUnauthorized, "unauthenticated")
		if op.role == domain.RoleAdmin {
			r.token = userToken
			isProblem(t, b.do(r), http.StatusForbidden, "forbidden")
		}
	}
}

// The role is the one the check found now, and the principal is handed on.
func TestAuthorization_PrincipalReachesTheUseCase(t *testing.T) {
	t.Parallel()
	var got domain.Principal
	useCases := goodUseCases()
	useCases.ListUsers = does[ports.ListUsersCommand, ports.UsersResult](func(_ context.Context, cmd ports.ListUsersCommand) (ports.UsersResult, error) {
		got = cmd.Principal
		return ports.UsersResult{}, nil
	})
	a := start(t, testConfig(), useCases).do(request{method: http.MethodGet, path: "/api/auth/admin/users", token: adminToken})
	assert.JSONEq(t, `{"users":[]}`, a.body)
	assert.NoError(t, got.Allows(domain.PermissionManageUsers))
}

func TestRefresh_TakesTheTokenFromEitherPlace(t *testing.T) {
	t.Parallel()
	var got string
	useCases := goodUseCases()
	good := useCases.Refresh
	useCases.Refresh = does[ports.RefreshCommand, ports.RefreshResult](func(ctx context.Context, cmd ports.RefreshCommand) (ports.RefreshResult, error) {
		got = cmd.RefreshToken.Reveal()
		if got != "a.b.c" {
			return ports.RefreshResult{}, domain.ErrInvalidRefreshToken
		}
		return good.Execute(ctx, cmd)
	})
	b := start(t, testConfig(), useCases)
	body := `{"refresh_token":"a.b.c"}`
	for name, tc := range map[string]struct {
		token, body, code string
		status            int
	}{
		"body":             {"", body, "", 200},
		"bearer":           {"a.b.c", "", "", 200},
		"both the same":    {"a.b.c", body, "", 200},
		"both, different":  {"x.y.z", body, "token_mismatch", 400},
		"neither":          {"", "", "invalid_refresh_token", 401},
		"empty":            {"", `{"refresh_token":""}`, "invalid_refresh_token", 401},
		"null":             {"", `{"refresh_token":null}`, "validation_failed", 422},
		"empty object":     {"", `{}`, "validation_failed", 422},
		"no object":        {"", `"a.b.c"`, "validation_failed", 422},
		"unknown member":   {"", `{"refresh_token":"a.b.c","sid":"x"}`, "validation_failed", 422},
		"wrong bearer too": {"x y", body, "invalid_refresh_token", 401},
	} {
		got = "not called"
		a := b.do(request{method: http.MethodPost, path: "/api/auth/refresh", token: tc.token, body: tc.body})
		assert.Equal(t, tc.status, a.StatusCode, "%s: %s", name, a.body)
		if tc.code != "" {
			isProblem(t, a, tc.status, tc.code)
		} else {
			assert.JSONEq(t, `{"access_token":"new.access.token","refresh_token":"new.refresh.token","token_type":"Bearer","expires_in":1800,`+
				`"refresh_expires_in":604800,"session_id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"}`, a.body)
		}
	}
}

func TestLogout_TokenIsHandedOnWhateverItsState(t *testing.T) {
	t.Parallel()
	var got string
	useCases := goodUseCases()
	useCases.Logout = does[ports.LogoutCommand, ports.None](func(_ context.Context, cmd ports.LogoutCommand) (ports.None, error) {
		got = cmd.BearerToken.Reveal()
		if got == "foreign" {
			return ports.None{}, domain.ErrUnauthenticated
		}
		if got == "unlucky" {
			return ports.None{}, domain.ErrUnavailable // V-05: not done, not acknowledged
		}
		return ports.None{}, nil
	})
	b := start(t, testConfig(), useCases)
	for token, status := range map[string]int{"expired": 204, "refresh.token": 204, "foreign": 401, "unlucky": 503, "": 401, "a b": 401} {
		got = ""
		a := b.do(request{method: http.MethodPost, path: "/api/auth/logout", token: token})
		assert.Equal(t, status, a.StatusCode, token)
	}
}

// The gateway gets who acts on 204 and nothing otherwise; an admin may do what
// a user may; a role that isn't one is refused, not ignored.
func TestForwardAuth(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, tc := range []struct {
		query, token, code string
		status             int
	}{
		{"", userToken, "", 204},
		{"?role=user", userToken, "", 204},
		{"?role=user", adminToken, "", 204},
		{"?role=admin", adminToken, "", 204},
		{"?role=admin", userToken, "forbidden", 403},
		{"?role=admin", "", "unauthenticated", 401},
		{"", "expired", "token_expired", 401},
		{"?role=root", adminToken, "invalid_role", 422},
		{"?role=ADMIN", adminToken, "invalid_role", 422},
		{"?role=", adminToken, "validation_failed", 422},
		{"?role=user&role=admin", adminToken, "validation_failed", 422},
		{"?role=admin&role=admin", adminToken, "validation_failed", 422},
		{"?roles=admin", userToken, "validation_failed", 422},
		{"?Role=admin", userToken, "validation_failed", 422},
	} {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/forward-auth" + tc.query, token: tc.token, header: http.Header{
			"X-Forwarded-Uri": {"/public"}, "X-Original-Url": {"/api/auth/test/public"}, "X-Auth-User-Id": {"forged"}, // V-41
		}})
		assert.Equal(t, tc.status, a.StatusCode, tc.query)
		if tc.status != http.StatusNoContent {
			isProblem(t, a, tc.status, tc.code)
			for name := range a.Header {
				assert.False(t, strings.HasPrefix(name, "X-Auth-"), name)
			}
			continue
		}
		role := strings.TrimSuffix(tc.token, ".access.token")
		assert.Equal(t, "01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10", a.Header.Get("X-Auth-User-Id"))
		assert.Equal(t, "ada@example.com", a.Header.Get("X-Auth-User-Email"))
		assert.Equal(t, role, a.Header.Get("X-Auth-Role"))
		assert.Equal(t, "01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11", a.Header.Get("X-Auth-Session-Id"))
		assert.Empty(t, a.body)
	}
}

// A gateway asks with a copy of its client's headers, also of those that
// describe a body it keeps to itself.
func TestForwardAuth_IgnoresWhatIsSaidOfTheClientsBody(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, header := range []http.Header{
		{"Content-Encoding": {"gzip"}, "Content-Type": {"application/octet-stream"}},
		{"Content-Encoding": {"br"}, "Content-Type": {"multipart/form-data; boundary=x"}},
		{"Content-Type": {"text/plain"}},
	} {
		ask := request{method: http.MethodGet, path: "/api/auth/forward-auth?role=admin", header: header}
		isProblem(t, b.do(ask), http.StatusUnauthorized, "unauthenticated")
		ask.token = userToken
		isProblem(t, b.do(ask), http.StatusForbidden, "forbidden")
		ask.token = adminToken
		assert.Equal(t, http.StatusNoContent, b.do(ask).StatusCode)
	}
}

// A registration shows the user if the use case does, which it does for
// none where addresses must be confirmed (V-17).
func TestRegister_ShowsTheUserOnlyIfTheUseCaseDoes(t *testing.T) {
	t.Parallel()
	r := request{method: http.MethodPost, path: "/api/auth/email/register", body: loginBody}
	required := started(t).do(r)
	assert.Equal(t, http.StatusAccepted, required.StatusCode)
	assert.JSONEq(t, `{"message":"`+messageRegistered+`"}`, required.body)

	useCases := goodUseCases()
	useCases.Register = says[ports.RegisterCommand](ports.RegisterResult{User: testUser(domain.RoleUser)}, nil)
	a := start(t, testConfig(), useCases).do(r)
	assert.Equal(t, http.StatusCreated, a.StatusCode)
	assert.JSONEq(t, `{"id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10","email":"ada@example.com","role":"user","status":"active","email_verified":true,`+
		`"created_at":"2026-01-15T09:30:00.123456Z","updated_at":"2026-01-15T09:30:00.123456Z"}`, a.body)
}

// S-44: lists of fields, and no more than they say.
func TestAnswers_ShowWhatIsListed(t *testing.T) {
	t.Parallel()
	b := started(t)
	sessions := b.do(request{method: http.MethodGet, path: "/api/auth/sessions", token: userToken})
	assert.JSONEq(t, `{"sessions":[{"id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11","created_at":"2026-01-15T09:30:00.123456Z",`+
		`"last_seen_at":"2026-01-15T09:30:00.123456Z","expires_at":"2026-01-22T09:30:00.123456Z","ip":"203.0.113.7","user_agent":"Mozilla/5.0","current":true}]}`, sessions.body)
	everywhere := b.do(request{method: http.MethodPost, path: "/api/auth/logout-all", token: userToken})
	assert.JSONEq(t, `{"revoked":3}`, everywhere.body)
	users := b.do(request{method: http.MethodGet, path: "/api/auth/admin/users", token: adminToken})
	assert.Contains(t, users.body, `"next_cursor":"next"`)
	assert.NotContains(t, users.body, "hash")
}
