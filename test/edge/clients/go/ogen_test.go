//go:build generated

package flow

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	api "github.com/seed543b3b27/auth-service/test/edge/clients/go/ogen"
)

// bearer is a source of one access token.
type bearer string

func (b bearer) Bearer(context.Context, api.OperationName) (api.Bearer, error) {
	return api.Bearer{Token: string(b)}, nil
}

func ogenAt(t *testing.T, service, token string) *api.Client {
	t.Helper()
	client, err := api.NewClient(service, bearer(token))
	require.NoError(t, err)
	return client
}

// is asserts that an answer has a type, and returns it.
func is[T any](t *testing.T, answer any, err error) T {
	t.Helper()
	require.NoError(t, err)
	typed, ok := answer.(T)
	require.True(t, ok, "%T: %+v", answer, answer)
	return typed
}

func TestOgen_WalksThroughTheFlow(t *testing.T) {
	ctx, email, service := t.Context(), given(t, "EMAIL"), ogenAt(t, given(t, "SERVICE"), "")
	answer, err := service.Register(ctx, &api.RegisterRequest{Email: email, Password: "seven"})
	short := is[*api.RegisterUnprocessableEntity](t, answer, err)
	assert.Equal(t, "password_too_short", short.Code)
	assert.Equal(t, 8, short.MinLength.Value)
	answer, err = service.Register(ctx, &api.RegisterRequest{Email: email, Password: password})
	sent := is[*api.VerificationSentHeaders](t, answer, err)
	assert.EqualValues(t, "verification_sent", sent.Response.Result)

	login := &api.LoginRequest{Email: email, Password: password}
	early, err := service.Login(ctx, login, api.LoginParams{})
	assert.Equal(t, "email_not_verified", is[*api.LoginForbidden](t, early, err).Code)
	verified, err := service.VerifyEmail(ctx, &api.VerifyRequest{Token: mailedToken(t, email)}, api.VerifyEmailParams{})
	user := is[*api.User](t, verified, err)
	assert.True(t, user.EmailVerified)
	wrong, err := service.Login(ctx, &api.LoginRequest{Email: email, Password: "not the password"}, api.LoginParams{})
	assert.Equal(t, "invalid_credentials", is[*api.UnauthorizedHeaders](t, wrong, err).Response.Code)
	in, err := service.Login(ctx, login, api.LoginParams{})
	tokens := is[*api.LoginAnswerHeaders](t, in, err).Response

	refreshed, err := service.Refresh(ctx, api.NewOptRefreshRequest(api.RefreshRequest{RefreshToken: tokens.RefreshToken}))
	session := ogenAt(t, given(t, "SERVICE"), is[*api.Tokens](t, refreshed, err).AccessToken)
	me, err := session.CurrentUser(ctx)
	assert.Equal(t, user.ID, is[*api.Account](t, me, err).ID)
	forbidden, err := session.ListUsers(ctx, api.ListUsersParams{})
	assert.Equal(t, "forbidden", is[*api.ListUsersForbidden](t, forbidden, err).Code)
	ogenAdministrate(t, user)
	ended, err := session.CurrentUser(ctx)
	assert.Equal(t, "session_ended", is[*api.UnauthorizedHeaders](t, ended, err).Response.Code)
	ogenOthers(t, login)
}

func ogenAdministrate(t *testing.T, user *api.User) {
	t.Helper()
	ctx, admin := t.Context(), ogenAt(t, given(t, "SERVICE"), given(t, "ADMIN_TOKEN"))
	found, err := admin.ListUsers(ctx, api.ListUsersParams{
		Verified: api.NewOptBool(true), Q: api.NewOptString(user.Email), CreatedAfter: api.NewOptDateTime(time.Now().Add(-time.Hour)),
	})
	users := is[*api.Users](t, found, err).Users
	require.Len(t, users, 1)
	assert.Equal(t, user.ID, users[0].ID)
	deleted, err := admin.DeleteUser(ctx, api.DeleteUserParams{UserID: user.ID})
	is[*api.DeleteUserNoContent](t, deleted, err)
}

func ogenOthers(t *testing.T, login *api.LoginRequest) {
	t.Helper()
	ctx := t.Context()
	registered, err := ogenAt(t, given(t, "OPTIONAL"), "").Register(ctx, &api.RegisterRequest{Email: login.Email, Password: password})
	assert.EqualValues(t, "registered", is[*api.RegisteredHeaders](t, registered, err).Response.Result)
	limited := ogenAt(t, given(t, "LIMITED"), "")
	_, err = limited.Login(ctx, login, api.LoginParams{})
	require.NoError(t, err)
	again, err := limited.Login(ctx, login, api.LoginParams{})
	assert.Positive(t, is[*api.TooManyRequestsHeaders](t, again, err).Response.RetryAfter.Value)

	later := ogenAt(t, given(t, "LATER"), "token")
	me, err := later.CurrentUser(ctx)
	assert.Equal(t, "steward", is[*api.Account](t, me, err).Role)
	events, err := later.ListActivity(ctx, api.ListActivityParams{})
	assert.Equal(t, "moon_landed", is[*api.Events](t, events, err).Events[0].Type)
	no, err := later.Login(ctx, login, api.LoginParams{})
	problem := is[*api.LoginForbidden](t, no, err)
	assert.Equal(t, "moon_only", problem.Code)
	assert.Equal(t, http.StatusForbidden, problem.Status)
}
