package httpapi

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
)

// go test ./adapters/httpapi -update writes the golden files and the committed
// OpenAPI document anew.
var update = flag.Bool("update", false, "write golden files anew")

// golden compares got with a file, or writes the file.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run: go test ./adapters/httpapi -update")
	assert.Equal(t, string(want), string(got), "if this is meant, run: go test ./adapters/httpapi -update")
}

func TestOpenAPI_CommittedDocumentIsTheServedOne(t *testing.T) {
	t.Parallel()
	b := started(t)
	served := b.get("/api/auth/openapi.json", "", nil)
	require.Equal(t, http.StatusOK, served.Status)
	golden(t, "../../docs/openapi.json", served.Body)
	document, err := b.server.OpenAPI()
	require.NoError(t, err)
	assert.Equal(t, string(document), string(served.Body))
}

// The document must not depend on how a server is configured, but for the path of its
// public URL.
func TestOpenAPI_IsTheSameUnderAnyConfiguration(t *testing.T) {
	t.Parallel()
	one, err := New(testConfig(), goodUseCases())
	require.NoError(t, err)
	other, err := New(Config{PublicURL: "https://other.example.org", PasswordMinLength: 15}, goodUseCases())
	require.NoError(t, err)
	a, err := one.OpenAPI()
	require.NoError(t, err)
	b, err := other.OpenAPI()
	require.NoError(t, err)
	assert.Equal(t, string(a), string(b))
}

func TestOpenAPI_IsValidAndComplete(t *testing.T) {
	t.Parallel()
	server, err := New(testConfig(), goodUseCases())
	require.NoError(t, err)
	text, err := server.OpenAPI()
	require.NoError(t, err)
	_, err = openapicheck.New(text)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "$schema")

	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string         `json:"operationId"`
			Summary     string         `json:"summary"`
			Tags        []string       `json:"tags"`
			Responses   map[string]any `json:"responses"`
		} `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(text, &doc))
	ids := map[string]bool{}
	for path, operations := range doc.Paths {
		assert.True(t, strings.HasPrefix(path, "/api/auth/"), path)
		for method, op := range operations {
			name := method + " " + path
			assert.NotEmpty(t, op.Summary, name)
			assert.Len(t, op.Tags, 1, name)
			assert.Contains(t, op.Responses, "default", name)
			assert.Contains(t, op.Responses, "503", name)
			assert.False(t, ids[op.OperationID], "operationId twice: %s", op.OperationID)
			ids[op.OperationID] = true
		}
	}
	assert.Len(t, ids, len(operations()))
}

// A program that reads the document learns each code an operation refuses with.
func TestOpenAPI_NamesTheRefusalsOfTheUseCases(t *testing.T) {
	t.Parallel()
	server, err := New(testConfig(), goodUseCases())
	require.NoError(t, err)
	paths := server.api.OpenAPI().Paths
	users := paths[BasePath+"/admin/users"]
	for code, op := range map[string]*huma.Operation{
		"invalid_parameter when listing":  users.Get,
		"invalid_parameter when creating": users.Post,
		"invalid_parameter when changing": paths[BasePath+"/admin/users/{user_id}"].Patch,
		"invalid_email at login":          paths[BasePath+"/login"].Post,
	} {
		code, _, _ = strings.Cut(code, " ")
		assert.Contains(t, op.Responses["422"].Description, "`"+code+"`", op.OperationID)
		assert.Contains(t, op.Extensions[codesExtension], code, op.OperationID)
		shared := server.api.OpenAPI().Components.Responses[strings.TrimPrefix(op.Responses["422"].Ref, responsePrefix)]
		assert.Contains(t, shared.Content[contentTypeProblem].Examples, code, op.OperationID)
	}
	assert.Contains(t, paths[BasePath+"/password/change"].Post.Description, "confirm or change the address")
}

// operation is one row of the contract: how to call it and what it answers when
// all goes well.
type operation struct {
	method, path, body string
	role               domain.Role // that it takes; empty if it takes no token
	status             int
}

func operations() []operation {
	const (
		user, support, admin = domain.RoleUser, domain.RoleSupport, domain.RoleAdmin
		id                   = "/01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"
		factor               = "/01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13"
	)
	return []operation{
		{"POST", "/email/register", `{"email":"ada@example.com","password":"correct horse"}`, "", 202},
		{"POST", "/email/verify", `{"token":"t"}`, "", 200},
		{"POST", "/email/verify/request", `{"email":"ada@example.com"}`, "", 202},
		{"POST", "/email/change", `{"new_email":"ada@example.org","current_password":"p"}`, user, 202},
		{"POST", "/email/change/undo", `{"token":"t"}`, "", 200},
		{"POST", "/login", `{"email":"ada@example.com","password":"p"}`, "", 200},
		{"POST", "/login/password", `{"challenge":"c","new_password":"q"}`, "", 200},
		{"POST", "/login/continue", `{"challenge":"c","method":"otp","code":"287082"}`, "", 200},
		{"POST", "/refresh", `{"refresh_token":"a.b.c"}`, "", 200},
		{"POST", "/password/reset/request", `{"email":"ada@example.com"}`, "", 202},
		{"POST", "/password/reset/check", `{"token":"t"}`, "", 200},
		{"POST", "/password/reset/confirm", `{"token":"t","new_password":"p"}`, "", 200},
		{"POST", "/password/change", `{"current_password":"p","new_password":"q"}`, user, 200},
		{"GET", "/me", "", user, 200},
		{"PATCH", "/me", `{"profile":{"name":"Ada"},"version":3}`, user, 200},
		{"DELETE", "/me", `{"password":"p"}`, user, 204},
		{"POST", "/me/delete", `{"password":"p"}`, user, 204},
		{"GET", "/me/factors", "", user, 200},
		{"POST", "/me/factors/totp", `{"password":"p","name":"My telephone"}`, user, 201},
		{"POST", "/me/factors/totp" + factor + "/confirm", `{"code":"287082"}`, user, 200},
		{"DELETE", "/me/factors" + factor, `{"password":"p","code":"287082"}`, user, 204},
		{"POST", "/me/factors" + factor + "/remove", `{"password":"p","code":"287082"}`, user, 204},
		{"GET", "/me/recovery-codes", "", user, 200},
		{"POST", "/me/recovery-codes", `{"password":"p","code":"287082"}`, user, 200},
		{"POST", "/logout", "", user, 204},
		{"POST", "/logout-all", "", user, 200},
		{"GET", "/sessions", "", user, 200},
		{"DELETE", "/sessions/01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11", "", user, 204},
		{"GET", "/test/public", "", "", 200},
		{"GET", "/test/protected", "", user, 200},
		{"GET", "/admin/users", "", support, 200},
		{"POST", "/admin/users", `{"email":"ada@example.com"}`, admin, 201},
		{"GET", "/admin/users" + id, "", support, 200},
		{"PATCH", "/admin/users" + id, `{"role":"admin"}`, admin, 200},
		{"DELETE", "/admin/users" + id, "", admin, 204},
		{"GET", "/admin/users" + id + "/sessions", "", support, 200},
		{"DELETE", "/admin/users" + id + "/sessions", "", support, 204},
		{"DELETE", "/admin/users" + id + "/sessions/01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11", "", support, 204},
		{"GET", "/admin/users" + id + "/factors", "", support, 200},
		{"DELETE", "/admin/users" + id + "/factors", "", admin, 204},
		{"DELETE", "/admin/users" + id + "/factors" + factor, "", admin, 204},
		{"POST", "/admin/users" + id + "/mails", `{"mail":"invitation"}`, support, 202},
		{"GET", "/admin/limits?user_id=01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10", "", support, 200},
		{"DELETE", "/admin/limits?network=203.0.113.7", "", support, 200},
		{"GET", "/admin/audit", "", support, 200},
		{"GET", "/admin/audit/feed?after=4710&type=logged_in&type=logged_out", "", support, 200},
		{"GET", "/me/activity", "", user, 200},
		{"GET", "/me/export", "", user, 200},
		{"GET", "/forward-auth", "", user, 204},
		{"GET", "/.well-known/jwks.json", "", "", 200},
	}
}

// request returns the call with a token of the role that is needed.
func (o operation) request() api.Request {
	r := api.Request{Method: o.method, Path: BasePath + o.path}
	if o.body != "" {
		r.Body = o.body
	}
	switch o.role {
	case domain.RoleUser:
		r.Token = userToken
	case domain.RoleSupport:
		r.Token = supportToken
	case domain.RoleAdmin:
		r.Token = adminToken
	}
	return r
}
