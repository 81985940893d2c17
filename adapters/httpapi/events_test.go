package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const refusedLogin = `{"id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e12","type":"login_refused","outcome":"refused","created_at":"2026-01-15T09:30:00.123456Z",` +
	`"by_operator":false,"subject_id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10","ip":"203.0.113.7","user_agent":"Mozilla/5.0","request_id":"request",` +
	`"detail":"invalid_credentials"}`

func TestEvents_ShowWhatIsKnown(t *testing.T) {
	t.Parallel()
	b := started(t)
	for path, token := range map[string]string{"/api/auth/admin/audit": adminToken, "/api/auth/me/activity": userToken} {
		a := b.do(request{method: http.MethodGet, path: path, token: token})
		assert.JSONEq(t, `{"events":[`+refusedLogin+`],"next_cursor":"next"}`, a.body)
	}
	full := testEvent()
	full.ActorID, full.SessionID, full.ByOperator = userID, sessionID, true
	text, err := json.Marshal(eventOf(full))
	require.NoError(t, err)
	assert.JSONEq(t, strings.TrimSuffix(strings.Replace(refusedLogin, "false", "true", 1), "}")+
		`,"actor_id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10","session_id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"}`, string(text))
}

func TestEvents_EmptyPageIsAList(t *testing.T) {
	t.Parallel()
	useCases := goodUseCases()
	useCases.ListActivity = says[ports.ListActivityCommand](ports.EventsResult{}, nil)
	a := start(t, testConfig(), useCases).do(request{method: http.MethodGet, path: "/api/auth/me/activity", token: userToken})
	assert.JSONEq(t, `{"events":[]}`, a.body)
}

// B-25, B-26, B-27: filters are strict and arrive as they are written.
func TestEvents_FiltersAreStrict(t *testing.T) {
	t.Parallel()
	var audit ports.ListAuditCommand
	var activity ports.ListActivityCommand
	useCases := goodUseCases()
	useCases.ListAudit = does[ports.ListAuditCommand, ports.EventsResult](func(_ context.Context, cmd ports.ListAuditCommand) (ports.EventsResult, error) {
		audit = cmd
		return ports.EventsResult{}, nil
	})
	useCases.ListActivity = does[ports.ListActivityCommand, ports.EventsResult](func(_ context.Context, cmd ports.ListActivityCommand) (ports.EventsResult, error) {
		activity = cmd
		return ports.EventsResult{}, nil
	})
	b := start(t, testConfig(), useCases)
	for path, token := range map[string]string{"/api/auth/admin/audit?": adminToken, "/api/auth/me/activity?": userToken} {
		for _, query := range []string{"limit=0", "limit=201", "limit=01", "limit=1&limit=2", "cursor=", "offset=1", "type=", "sort=id", "outcome=refused"} {
			isProblem(t, b.do(request{method: http.MethodGet, path: path + query, token: token}), http.StatusUnprocessableEntity, "validation_failed")
		}
	}
	unknown := b.do(request{method: http.MethodGet, path: "/api/auth/admin/audit?type=LOGGED_IN", token: adminToken})
	isProblem(t, unknown, http.StatusUnprocessableEntity, "validation_failed")
	assert.Contains(t, unknown.body, `"/type"`)
	for _, eventType := range domain.EventTypes() {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/admin/audit?type=" + string(eventType), token: adminToken})
		assert.Equal(t, http.StatusOK, a.StatusCode, a.body)
		assert.Equal(t, string(eventType), audit.Type)
	}
	b.do(request{method: http.MethodGet, token: adminToken, path: "/api/auth/admin/audit?limit=7&cursor=c&subject_id=s&actor_id=a&type=logged_in" +
		"&created_after=2026-01-01T00:00:00Z&created_before=2026-02-01T00:00:00Z"})
	require.NoError(t, audit.Principal.Allows(domain.PermissionReadAudit))
	audit.Principal = domain.Principal{}
	assert.Equal(t, ports.ListAuditCommand{
		Limit: 7, Cursor: "c", SubjectID: "s", ActorID: "a", Type: "logged_in", CreatedAfter: "2026-01-01T00:00:00Z", CreatedBefore: "2026-02-01T00:00:00Z",
	}, audit)
	b.do(request{method: http.MethodGet, token: userToken, path: "/api/auth/me/activity?limit=7&cursor=c"})
	_, err := activity.Principal.Account()
	require.NoError(t, err)
	activity.Principal = domain.Principal{}
	assert.Equal(t, ports.ListActivityCommand{Limit: 7, Cursor: "c"}, activity)
}

func TestExport_IsAFileOfAllThatIsStored(t *testing.T) {
	t.Parallel()
	useCases := goodUseCases()
	user := testUser(domain.RoleUser)
	ended := testSession(user)
	ended.Revoke(domain.RevokedByLogout, testTime)
	useCases.ExportAccount = says[ports.ExportAccountCommand](ports.ExportAccountResult{
		User: user, Sessions: []*domain.Session{testSession(user), ended}, Tokens: testTokens(user), Events: []domain.Event{testEvent()},
	}, nil)
	b := start(t, testConfig(), useCases)
	a := b.do(request{method: http.MethodGet, path: "/api/auth/me/export", token: userToken})
	assert.Equal(t, `attachment; filename="account.json"`, a.Header.Get("Content-Disposition"))
	const session = `"id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11","created_at":"2026-01-15T09:30:00.123456Z","last_seen_at":"2026-01-15T09:30:00.123456Z",` +
		`"expires_at":"2026-01-22T09:30:00.123456Z","absolute_expires_at":"2026-02-14T09:30:00.123456Z","ip":"203.0.113.7","user_agent":"Mozilla/5.0"`
	assert.JSONEq(t, `{"user":{"id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10","email":"ada@example.com","role":"user","status":"active","email_verified":true,`+
		`"created_at":"2026-01-15T09:30:00.123456Z","updated_at":"2026-01-15T09:30:00.123456Z"},`+
		`"sessions":[{`+session+`},{`+session+`,"revoked_at":"2026-01-15T09:30:00.123456Z","revoke_reason":"logout"}],`+
		`"tokens":[{"purpose":"change_email","email":"ada@example.com","new_email":"ada@example.org","created_at":"2026-01-15T09:30:00.123456Z",`+
		`"expires_at":"2026-01-16T09:30:00.123456Z","used_at":"2026-01-15T09:31:00.123456Z"},`+
		`{"purpose":"reset_password","email":"ada@example.com","created_at":"2026-01-15T09:30:00.123456Z","expires_at":"2026-01-15T10:30:00.123456Z"}],`+
		`"events":[`+refusedLogin+`],"events_truncated":false}`, a.body)

	useCases.ExportAccount = says[ports.ExportAccountCommand](ports.ExportAccountResult{User: user}, nil)
	empty := start(t, testConfig(), useCases).do(request{method: http.MethodGet, path: "/api/auth/me/export", token: userToken})
	assert.Contains(t, empty.body, `"sessions":[],"tokens":[],"events":[]`)
}

// S-44: no answer has a member for a hash or a secret, and those about accounts
// none for a token.
func TestAnswers_HaveNoMemberForSecrets(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, op := range operations() {
		a := b.do(op.request())
		if a.body == "" {
			continue
		}
		var value any
		require.NoError(t, json.Unmarshal([]byte(a.body), &value), op.path)
		for _, name := range members(value) {
			assert.NotContains(t, name, "hash", op.path)
			assert.NotContains(t, name, "secret", op.path)
			assert.NotContains(t, name, "password", op.path)
			if op.path != "/login" && op.path != "/refresh" && op.path != "/me/export" {
				assert.NotContains(t, name, "token", op.path)
			}
		}
	}
}

// members lists the names of all members of a JSON value.
func members(value any) (names []string) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			names = append(append(names, name), members(inner)...)
		}
	case []any:
		for _, inner := range v {
			names = append(names, members(inner)...)
		}
	}
	return names
}

func TestJWKS_ShowsTheKeysAsTheyAre(t *testing.T) {
	t.Parallel()
	const keys = `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"k","alg":"EdDSA","use":"sig","note":"n"}]}`
	config := testConfig()
	config.JWKS = []byte(keys)
	b := start(t, config, goodUseCases())
	for range 2 {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/.well-known/jwks.json", header: http.Header{"Accept": {"text/html"}}})
		assert.Equal(t, keys, a.body)
		assert.Equal(t, []string{"application/jwk-set+json"}, a.Header.Values("Content-Type"))
		assert.Equal(t, []string{"public, max-age=300"}, a.Header.Values("Cache-Control"))
	}
	none := started(t).do(request{method: http.MethodGet, path: "/api/auth/.well-known/jwks.json"})
	assert.JSONEq(t, `{"keys":[]}`, none.body)
}
