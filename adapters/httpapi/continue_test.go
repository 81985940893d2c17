package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const continueBody = `{"challenge":"the-challenge","method":"otp","code":"287082"}`

// next is a result that needs a second factor. Less than a second of its time is not promised.
func next() ports.LoginResult {
	return ports.LoginResult{Next: &ports.NextStep{
		Challenge: domain.NewSecret("the-challenge"), ExpiresAt: testTime.Add(5 * time.Minute), ExpiresIn: 299*time.Second + 900*time.Millisecond,
		Methods: []domain.Method{domain.MethodOneTimeCode, domain.MethodRecoveryCode},
	}}
}

// Each step of a sign-in, and a change of the password, may need a second factor. The answer has
// all that the next step takes, and neither tokens nor the cookie.
func TestSignIn_ARequiredSecondFactorCarriesTheChallenge(t *testing.T) {
	t.Parallel()
	u := goodUseCases()
	u.Login = says[ports.LoginCommand](next(), domain.ErrSecondFactorRequired)
	u.ContinueLogin = says[ports.ContinueLoginCommand](next(), domain.ErrSecondFactorRequired)
	u.ReplacePassword = says[ports.ReplacePasswordCommand](next(), domain.ErrSecondFactorRequired)
	u.ChangePassword = says[ports.ChangePasswordCommand](next(), domain.ErrSecondFactorRequired)
	b := start(t, testConfig(), u)
	for path, body := range map[string]string{
		"/login": loginBody, "/login/continue": continueBody, "/login/password": `{"challenge":"c","new_password":"q"}`,
		"/password/change": `{"current_password":"p","new_password":"q"}`,
	} {
		token := ""
		if path == "/password/change" {
			token = userToken
		}
		a := b.post(BasePath+path, token, body, nil)
		isProblem(t, a, http.StatusForbidden, "second_factor_required")
		var got map[string]any
		require.NoError(t, json.Unmarshal(a.Body, &got))
		assert.Equal(t, "the-challenge", got["challenge"], path)
		assert.Equal(t, []any{"otp", "recovery_code"}, got["methods"], path)
		assert.InDelta(t, 299, got["expires_in"], 0, path)
		assert.NotContains(t, got, "access_token", path)
		assert.Empty(t, a.Header.Get("Set-Cookie"), path)
		assert.Empty(t, a.Header.Get("WWW-Authenticate"), path)
	}
	assert.NotContains(t, b.logs.String(), "the-challenge")
}

// A next step without its refusal would sign in without the second factor.
func TestSignIn_ANextStepWithoutItsRefusalIsAnError(t *testing.T) {
	t.Parallel()
	u := goodUseCases()
	u.Login = says[ports.LoginCommand](next(), nil)
	isProblem(t, start(t, testConfig(), u).post(BasePath+"/login", "", loginBody, nil), http.StatusInternalServerError, "internal_error")
}

func TestContinueLogin_AnswersAsALogin(t *testing.T) {
	t.Parallel()
	var got ports.ContinueLoginCommand
	u := goodUseCases()
	good := u.ContinueLogin
	u.ContinueLogin = does[ports.ContinueLoginCommand, ports.LoginResult](func(ctx context.Context, cmd ports.ContinueLoginCommand) (ports.LoginResult, error) {
		got = cmd
		return good.Execute(ctx, cmd)
	})
	b := start(t, testConfig(), u)
	a := b.post(BasePath+"/login/continue", "", continueBody, http.Header{"Cookie": {"auth_device=of.the-cookie"}})
	require.Equal(t, http.StatusOK, a.Status)
	assert.Equal(t, "no-store", a.Header.Get("Cache-Control"))
	assert.Equal(t, []string{"the-challenge", "otp", "287082", "of.the-cookie"},
		[]string{got.Challenge.Reveal(), got.Method, got.Code.Reveal(), got.DeviceToken.Reveal()})
	var login, here map[string]any
	require.NoError(t, json.Unmarshal(b.post(BasePath+"/login", "", loginBody, nil).Body, &login))
	require.NoError(t, json.Unmarshal(a.Body, &here))
	assert.Equal(t, "device-4", here["device_token"])
	assert.Contains(t, a.Header.Get("Set-Cookie"), "auth_device=device-4;")
	login["device_token"] = "device-4"
	assert.Equal(t, login, here)
	b.post(BasePath+"/login/continue", "", `{"challenge":"c","method":"otp","code":"1","device_token":"of.the-body"}`, http.Header{"Cookie": {"auth_device=of.the-cookie"}})
	assert.Equal(t, "of.the-body", got.DeviceToken.Reveal())
	assert.NotContains(t, b.logs.String(), "287082")
}

// RFC 9110 section 15.5.2: a 401 has WWW-Authenticate. The request brought no token, so that none
// is called invalid.
func TestContinueLogin_AWrongCodeIsUnauthorized(t *testing.T) {
	t.Parallel()
	u := goodUseCases()
	u.ContinueLogin = says[ports.ContinueLoginCommand](ports.LoginResult{}, domain.ErrInvalidCode)
	a := start(t, testConfig(), u).post(BasePath+"/login/continue", "", continueBody, nil)
	isProblem(t, a, http.StatusUnauthorized, "invalid_code")
	a.At("/code")
	assert.Equal(t, `Bearer realm="auth-service"`, a.Header.Get("WWW-Authenticate"))
	assert.Empty(t, a.Header.Get("Set-Cookie"))
}
