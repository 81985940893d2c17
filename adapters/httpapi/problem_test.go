package httpapi

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// everyRefusal holds all refusals of the API by their codes.
func everyRefusal() map[string]error {
	all := map[string]error{}
	for _, group := range catalogue {
		for _, r := range group.refusals {
			all[r.err.Code] = r.err
		}
	}
	return all
}

func TestProblem_EveryBodyIsGolden(t *testing.T) {
	t.Parallel()
	for code, refusal := range everyRefusal() {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			useCases := goodUseCases()
			useCases.RequestPasswordReset = says[ports.RequestPasswordResetCommand](ports.None{}, fmt.Errorf("wrapped: %w", refusal))
			b := start(t, testConfig(), useCases)
			a := b.Once(api.Request{
				Method: http.MethodPost, Path: "/api/auth/password/reset/request", Body: `{"email":"ada@example.com"}`,
				Header: http.Header{"X-Request-Id": {"golden"}},
			})
			assert.Equal(t, code, a.Code)
			text := fmt.Sprintf("HTTP/1.1 %d\nWWW-Authenticate: %s\nRetry-After: %s\n\n%s\n",
				a.Status, a.Header.Get("WWW-Authenticate"), a.Header.Get("Retry-After"), string(a.Body))
			golden(t, filepath.Join("testdata", "problems", code+".golden"), []byte(text))
		})
	}
}

// A new sentinel needs a golden file. The list of codes is read from its source.
func TestProblem_TableCoversTheWholeCatalogue(t *testing.T) {
	t.Parallel()
	known := everyRefusal()
	found := 0
	for _, name := range []string{"errors.go", "errors_protocol.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../../domain", name), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "newError" {
				return true
			}
			literal, ok := call.Args[1].(*ast.BasicLit)
			require.True(t, ok, "a code is a plain string")
			code, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			assert.Contains(t, known, code)
			found++
			return true
		})
	}
	assert.Len(t, known, found)
}

// S-48, T-08, V-40: unexpected errors are logged once; clients get a generic 500.
func TestProblem_InternalErrorsStayInside(t *testing.T) {
	t.Parallel()
	cause := errors.New(`ERROR: relation "users" does not exist at db.internal:5432`)
	for name, fails := range map[string]func(context.Context, ports.LoginCommand) (ports.LoginResult, error){
		"error": func(context.Context, ports.LoginCommand) (ports.LoginResult, error) {
			return ports.LoginResult{}, cause
		},
		"panic": func(context.Context, ports.LoginCommand) (ports.LoginResult, error) { panic(cause) },
		"unknown kind": func(context.Context, ports.LoginCommand) (ports.LoginResult, error) {
			return ports.LoginResult{}, &domain.Error{Code: "users", Detail: cause.Error()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			useCases := goodUseCases()
			useCases.Login = does[ports.LoginCommand, ports.LoginResult](fails)
			b := start(t, testConfig(), useCases)
			a := b.post("/api/auth/login", "", `{"email":"ada@example.com","password":"hunter2hunter2"}`, nil)
			isProblem(t, a, http.StatusInternalServerError, "internal_error")
			for _, inside := range []string{"users", "relation", "5432", "hunter2", ".go", "goroutine"} {
				assert.NotContains(t, string(a.Body), inside)
			}
			logs := b.logs.String()
			assert.Equal(t, 1, strings.Count(logs, `"level":"ERROR"`), logs)
			assert.Contains(t, logs, `db.internal:5432`)
			assert.Contains(t, logs, `"request_id":"`+a.Header.Get("X-Request-Id")+`"`)
			assert.NotContains(t, logs, "hunter2")
			next := b.get("/api/auth/test/public", "", nil)
			assert.Equal(t, http.StatusOK, next.Status)
		})
	}
}

// a request has its time, and then it is 503.
func TestProblem_OutOfTimeIsUnavailable(t *testing.T) {
	t.Parallel()
	useCases := goodUseCases()
	useCases.Login = does[ports.LoginCommand, ports.LoginResult](func(ctx context.Context, _ ports.LoginCommand) (ports.LoginResult, error) {
		<-ctx.Done()
		return ports.LoginResult{}, fmt.Errorf("querying: %w", ctx.Err())
	})
	config := testConfig()
	config.RequestTimeout = 1
	b := start(t, config, useCases)
	a := b.post("/api/auth/login", "", `{"email":"a","password":"b"}`, nil)
	isProblem(t, a, http.StatusServiceUnavailable, "unavailable")
	assert.Equal(t, "1", a.Header.Get("Retry-After"))
	assert.Contains(t, b.logs.String(), "querying: context deadline exceeded")
}

// RFC 6750 section 3.1: a request without a token learns which scheme to use; a
// request with a bad token learns that the token is bad.
func TestProblem_ChallengesFitTheRequest(t *testing.T) {
	t.Parallel()
	b := started(t)
	none := b.get("/api/auth/me", "", nil)
	assert.Equal(t, `Bearer realm="auth-service"`, none.Header.Get("WWW-Authenticate"))
	bad := b.get("/api/auth/me", "expired", nil)
	isProblem(t, bad, http.StatusUnauthorized, "token_expired")
	assert.Equal(t, `Bearer realm="auth-service", error="invalid_token", error_description="The token has expired."`, bad.Header.Get("WWW-Authenticate"))
}
