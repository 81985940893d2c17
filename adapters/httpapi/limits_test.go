package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// A refusal by a limit names the time to wait, in whole seconds, rounded up.
func TestRateLimit_SendsRetryAfter(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]struct{ seconds, words string }{
		0: {"1", "1 second"}, -time.Second: {"1", "1 second"}, time.Nanosecond: {"1", "1 second"}, time.Second: {"1", "1 second"},
		time.Second + 1: {"2", "2 seconds"}, 59*time.Second + 999*time.Millisecond: {"60", "60 seconds"},
		2*time.Minute + 1: {"121", "3 minutes"}, time.Hour: {"3600", "60 minutes"},
	} {
		refusal := domain.ErrRateLimited.WithRetryAfter(wait).WithExceeded(domain.Exceeded{Limit: "login_ip", Quota: domain.Quota{Events: 60, Per: time.Minute}})
		useCases := goodUseCases()
		useCases.Login = says[ports.LoginCommand](ports.LoginResult{}, fmt.Errorf("wrapped: %w", refusal))
		a := start(t, testConfig(), useCases).post("/api/auth/login", "", loginBody, nil)
		isProblem(t, a, http.StatusTooManyRequests, "rate_limited")
		assert.Equal(t, want.seconds, a.Header.Get("Retry-After"))
		assert.Equal(t, `"login_ip";q=60;w=60`, a.Header.Get("RateLimit-Policy"))
		assert.Equal(t, `"login_ip";r=0;t=`+want.seconds, a.Header.Get("RateLimit"))
		assert.Contains(t, string(a.Body), "Try again in "+want.words+".")
		assert.NotContains(t, string(a.Body), "login_ip", "the body is the same for every limit")
	}
}

// F-M7: waiting a day is no advice. The refusal by a lock says what to do instead.
func TestProblem_OfALockSaysWhatToDo(t *testing.T) {
	t.Parallel()
	locked := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	for limit, want := range map[domain.FailureLimit]struct{ policy, seconds string }{
		{Failures: 100, Lock: 24 * time.Hour}: {`"login_failures";q=100;w=86400`, "82800"},
		{Failures: 100}:                       {`"login_failures";q=100`, "86400"}, // the time of the limit is optional
	} {
		useCases := goodUseCases()
		useCases.Login = says[ports.LoginCommand](ports.LoginResult{}, limit.Check(domain.Failures{Count: 100, LockedAt: locked}, locked.Add(time.Hour)))
		a := start(t, testConfig(), useCases).post("/api/auth/login", "", loginBody, nil)
		isProblem(t, a, http.StatusTooManyRequests, "rate_limited")
		assert.Equal(t, want.seconds, a.Header.Get("Retry-After"))
		assert.Equal(t, want.policy, a.Header.Get("RateLimit-Policy"))
		assert.Equal(t, `"login_failures";r=0;t=`+want.seconds, a.Header.Get("RateLimit"))
		assert.Contains(t, string(a.Body), "Sign in on a device that has signed in before, or reset the password.")
		assert.NotContains(t, string(a.Body), "Try again in")
	}
}

// The document names the operations that have limits.
func TestRateLimit_IsDocumentedWhereItCanBe(t *testing.T) {
	t.Parallel()
	server := silent(t, testConfig(), goodUseCases())
	limited := map[string]bool{}
	for path, item := range server.api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete} {
			if op == nil || op.Responses["429"] == nil {
				continue
			}
			assert.Equal(t, responsePrefix+"TooManyRequests", op.Responses["429"].Ref)
			limited[method+" "+strings.TrimPrefix(path, BasePath)] = true
			assert.Contains(t, op.Extensions[codesExtension], "rate_limited")
		}
	}
	response := server.api.OpenAPI().Components.Responses["TooManyRequests"]
	assert.Contains(t, response.Content[contentTypeProblem].Examples, "rate_limited")
	require.Contains(t, response.Headers, "Retry-After")
	assert.True(t, response.Headers["Retry-After"].Required)
	assert.Contains(t, response.Headers, "RateLimit")
	assert.Contains(t, response.Headers, "RateLimit-Policy")
	want := map[string]bool{}
	for _, name := range []string{
		"POST /login", "POST /login/password", "POST /refresh", "POST /email/register", "POST /email/verify", "POST /email/verify/request", "POST /email/change", "POST /email/change/undo",
		"POST /password/reset/request", "POST /password/reset/check", "POST /password/reset/confirm", "POST /password/change", "PATCH /me", "DELETE /me", "POST /me/delete",
		"POST /admin/users", "PATCH /admin/users/{user_id}", "DELETE /admin/users/{user_id}", "DELETE /admin/users/{user_id}/sessions",
		"POST /login/continue", "POST /me/factors/totp", "POST /me/factors/totp/{factor_id}/confirm", "DELETE /me/factors/{factor_id}", "POST /me/factors/{factor_id}/remove",
		"POST /me/recovery-codes", "DELETE /admin/users/{user_id}/factors", "DELETE /admin/users/{user_id}/factors/{factor_id}",
		"DELETE /admin/users/{user_id}/sessions/{session_id}", "POST /admin/users/{user_id}/mails", "DELETE /admin/limits",
	} {
		want[name] = true
	}
	assert.Equal(t, want, limited)
}
