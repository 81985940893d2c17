package httpapi

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// A login whose password must change answers with the challenge of the next step, and without
// tokens.
func TestLogin_ARequiredPasswordChangeCarriesTheChallenge(t *testing.T) {
	t.Parallel()
	u := goodUseCases()
	u.Login = says[ports.LoginCommand](ports.LoginResult{Next: &ports.NextStep{Challenge: domain.NewSecret("the-challenge"), PasswordChange: true}}, domain.ErrPasswordChangeRequired)
	b := start(t, testConfig(), u)
	a := b.Once(api.Request{Method: "POST", Path: BasePath + "/login", Body: loginBody})
	assert.Equal(t, 403, a.Status)
	var body map[string]any
	require.NoError(t, json.Unmarshal(a.Body, &body))
	assert.Equal(t, "password_change_required", body["code"])
	assert.Equal(t, "the-challenge", body["challenge"])
	assert.NotContains(t, body, "access_token")
	assert.Empty(t, a.Header.Get("Set-Cookie"))
}

// Only staff see why an account is disabled.
func TestDisabledReason_IsForStaffOnly(t *testing.T) {
	t.Parallel()
	u := goodUseCases()
	user := testUser(domain.RoleUser)
	user.DisableBecause("Spam.", testTime)
	u.GetUser = says[ports.GetUserCommand](ports.UserResult{User: user}, nil)
	u.CurrentUser = says[ports.CurrentUserCommand](ports.UserResult{User: user}, nil)
	b := start(t, testConfig(), u)
	staff := b.Once(api.Request{Method: "GET", Path: BasePath + "/admin/users/" + userID.String(), Token: supportToken})
	assert.Contains(t, string(staff.Body), `"disabled_reason":"Spam."`)
	own := b.Once(api.Request{Method: "GET", Path: BasePath + "/me", Token: userToken})
	assert.NotContains(t, string(own.Body), "Spam")
}

func TestListUsers_TakesSeveralIds(t *testing.T) {
	t.Parallel()
	var got ports.ListUsersCommand
	u := goodUseCases()
	u.ListUsers = does[ports.ListUsersCommand, ports.UsersResult](func(_ context.Context, cmd ports.ListUsersCommand) (ports.UsersResult, error) {
		got = cmd
		return ports.UsersResult{}, nil
	})
	b := start(t, testConfig(), u)
	ask := func(query string) int {
		return b.Once(api.Request{Method: "GET", Path: BasePath + "/admin/users?" + query, Token: supportToken}).Status
	}
	assert.Equal(t, 200, ask("id=a&id=b"))
	assert.Equal(t, []string{"a", "b"}, got.IDs)
	assert.Zero(t, got.Limit)
	assert.Equal(t, 422, ask("id=a&id="))
	assert.Equal(t, 422, ask("limit=1&limit=2"))
}

func TestLimits_AreShownInWholeSeconds(t *testing.T) {
	t.Parallel()
	body := limitsOf(ports.LimitsResult{Limits: []ports.LimitUse{{Limit: "l", Quota: domain.Quota{Events: 1, Per: time.Hour}, RetryAfter: time.Second + 1}}}).Body
	assert.Equal(t, []limitBody{{Limit: "l", Events: 1, PerSeconds: 3600, RetryAfter: 2}}, body.Limits)
}
