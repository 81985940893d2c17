//go:build generated

package flow

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/oapi-codegen/runtime/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	api "github.com/seed543b3b27/auth-service/test/edge/clients/go/oapi"
)

func oapiAt(t *testing.T, service, token string) *api.ClientWithResponses {
	t.Helper()
	client, err := api.NewClientWithResponses(service, api.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return nil
	}))
	require.NoError(t, err)
	return client
}

// refused asserts that an answer is a refusal.
func refused(t *testing.T, p *api.Problem, err error, status int, code string) api.Problem {
	t.Helper()
	require.NoError(t, err)
	problem := must(t, p, code)
	assert.Equal(t, code, problem.Code)
	assert.Equal(t, status, problem.Status)
	return problem
}

func TestOapiCodegen_WalksThroughTheFlow(t *testing.T) {
	email := types.Email(given(t, "EMAIL"))
	user, tokens := oapiRegister(t, email)
	oapiSession(t, email, tokens.RefreshToken)
	oapiAdministrate(t, user)
	oapiOthers(t, email)
}

func oapiRegister(t *testing.T, email types.Email) (api.User, api.LoginAnswer) {
	t.Helper()
	ctx, service := t.Context(), oapiAt(t, given(t, "SERVICE"), "")
	short, err := service.RegisterWithResponse(ctx, api.RegisterRequest{Email: email, Password: "seven"})
	problem := refused(t, short.ApplicationproblemJSON422, err, 422, "password_too_short")
	assert.Equal(t, 8, *problem.MinLength)
	assert.Equal(t, "/password", (*problem.Errors)[0].Pointer)

	registered, err := service.RegisterWithResponse(ctx, api.RegisterRequest{Email: email, Password: password})
	require.NoError(t, err)
	assert.EqualValues(t, "verification_sent", must(t, registered.JSON202, registered).Result)
	early, err := service.LoginWithResponse(ctx, nil, api.LoginRequest{Email: email, Password: password})
	refused(t, early.ApplicationproblemJSON403, err, 403, "email_not_verified")
	verified, err := service.VerifyEmailWithResponse(ctx, nil, api.VerifyRequest{Token: mailedToken(t, string(email))})
	require.NoError(t, err)
	user := must(t, verified.JSON200, verified)
	assert.True(t, user.EmailVerified)

	wrong, err := service.LoginWithResponse(ctx, nil, api.LoginRequest{Email: email, Password: "not the password"})
	refused(t, wrong.ApplicationproblemJSON401, err, 401, "invalid_credentials")
	login, err := service.LoginWithResponse(ctx, nil, api.LoginRequest{Email: email, Password: password})
	require.NoError(t, err)
	tokens := must(t, login.JSON200, login)
	var life int = tokens.ExpiresIn
	assert.Positive(t, life)
	return user, tokens
}

func oapiSession(t *testing.T, email types.Email, refreshToken string) {
	t.Helper()
	ctx, service := t.Context(), oapiAt(t, given(t, "SERVICE"), "")
	refreshed, err := service.RefreshWithResponse(ctx, api.RefreshRequest{RefreshToken: refreshToken})
	require.NoError(t, err)
	session := oapiAt(t, given(t, "SERVICE"), must(t, refreshed.JSON200, refreshed).AccessToken)
	me, err := session.CurrentUserWithResponse(ctx)
	require.NoError(t, err)
	assert.Equal(t, email, must(t, me.JSON200, me).Email)
	sessions, err := session.ListSessionsWithResponse(ctx)
	require.NoError(t, err)
	assert.True(t, must(t, sessions.JSON200, sessions).Sessions[0].Current)
	forbidden, err := session.ListUsersWithResponse(ctx, nil)
	refused(t, forbidden.ApplicationproblemJSON403, err, 403, "forbidden")
	limit := 201
	tooMany, err := session.ListActivityWithResponse(ctx, &api.ListActivityParams{Limit: &limit})
	refused(t, tooMany.ApplicationproblemJSON422, err, 422, "validation_failed")

	const next = "a walk along the old canal"
	no, err := session.ChangePasswordWithResponse(ctx, api.ChangePasswordRequest{CurrentPassword: "no", NewPassword: next})
	refused(t, no.ApplicationproblemJSON422, err, 422, "wrong_password")
	changed, err := session.ChangePasswordWithResponse(ctx, api.ChangePasswordRequest{CurrentPassword: password, NewPassword: next})
	require.NoError(t, err)
	must(t, changed.JSON200, changed)
	ended, err := session.CurrentUserWithResponse(ctx)
	refused(t, ended.ApplicationproblemJSON401, err, 401, "session_ended")
	_, err = service.RequestPasswordResetWithResponse(ctx, api.EmailRequest{Email: email})
	require.NoError(t, err)
	reset, err := service.ConfirmPasswordResetWithResponse(ctx, api.ConfirmResetRequest{Token: mailedToken(t, string(email)), NewPassword: password})
	require.NoError(t, err)
	must(t, reset.JSON200, reset)
}

func oapiAdministrate(t *testing.T, user api.User) {
	t.Helper()
	ctx, admin := t.Context(), oapiAt(t, given(t, "SERVICE"), given(t, "ADMIN_TOKEN"))
	verified, q, since := true, string(user.Email), time.Now().Add(-time.Hour)
	found, err := admin.ListUsersWithResponse(ctx, &api.ListUsersParams{Verified: &verified, Q: &q, CreatedAfter: &since})
	require.NoError(t, err)
	users := must(t, found.JSON200, found).Users
	require.Len(t, users, 1)
	assert.Equal(t, user.Id, users[0].Id)
	unverified := false
	none, err := admin.ListUsersWithResponse(ctx, &api.ListUsersParams{Verified: &unverified, Q: &q})
	require.NoError(t, err)
	assert.Empty(t, must(t, none.JSON200, none).Users)
	role := api.ChangeUserRequestRole("admin")
	promoted, err := admin.ChangeUserWithResponse(ctx, user.Id, api.ChangeUserRequest{Role: &role})
	require.NoError(t, err)
	assert.Equal(t, "admin", must(t, promoted.JSON200, promoted).Role)
	kind := api.ListAuditParamsType("role_changed")
	audit, err := admin.ListAuditWithResponse(ctx, &api.ListAuditParams{SubjectId: &user.Id, Type: &kind})
	require.NoError(t, err)
	assert.Len(t, must(t, audit.JSON200, audit).Events, 1)
	deleted, err := admin.DeleteUserWithResponse(ctx, user.Id)
	require.NoError(t, err)
	assert.Equal(t, http.StatusNoContent, deleted.StatusCode())
	gone, err := admin.GetUserWithResponse(ctx, user.Id)
	refused(t, gone.ApplicationproblemJSON404, err, 404, "user_not_found")
}

func oapiOthers(t *testing.T, email types.Email) {
	t.Helper()
	ctx := t.Context()
	optional := oapiAt(t, given(t, "OPTIONAL"), "")
	registered, err := optional.RegisterWithResponse(ctx, api.RegisterRequest{Email: email, Password: password})
	require.NoError(t, err)
	answer := must(t, registered.JSON201, registered)
	assert.EqualValues(t, "registered", answer.Result)
	assert.Equal(t, email, answer.Email)
	taken, err := optional.RegisterWithResponse(ctx, api.RegisterRequest{Email: email, Password: password})
	refused(t, taken.ApplicationproblemJSON409, err, 409, "email_taken")

	limited := oapiAt(t, given(t, "LIMITED"), "")
	_, err = limited.LoginWithResponse(ctx, nil, api.LoginRequest{Email: email, Password: password})
	require.NoError(t, err)
	again, err := limited.LoginWithResponse(ctx, nil, api.LoginRequest{Email: email, Password: password})
	assert.Positive(t, *refused(t, again.ApplicationproblemJSON429, err, 429, "rate_limited").RetryAfter)

	later := oapiAt(t, given(t, "LATER"), "token")
	me, err := later.CurrentUserWithResponse(ctx)
	require.NoError(t, err)
	assert.Equal(t, "steward", must(t, me.JSON200, me).Role)
	events, err := later.ListActivityWithResponse(ctx, nil)
	require.NoError(t, err)
	assert.Equal(t, "moon_landed", must(t, events.JSON200, events).Events[0].Type)
	no, err := later.LoginWithResponse(ctx, nil, api.LoginRequest{Email: email, Password: password})
	refused(t, no.ApplicationproblemJSON403, err, 403, "moon_only")
}
