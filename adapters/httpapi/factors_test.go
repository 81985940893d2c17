package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

const (
	totpSecret   = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	totpURI      = "otpauth://totp/Auth%20Service:ada%40example.com?secret=" + totpSecret + "&issuer=Auth%20Service&algorithm=SHA1&digits=6&period=30"
	recoveryCode = "7Q2ZK-93VWB"
)

// testFactor is a confirmed factor whose codes were not used since.
func testFactor() *domain.Factor {
	s := domain.NewFactor(domain.FactorID(mustUserID("01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13")), userID, "My telephone", "key", "sealed", testTime).Snapshot()
	s.ConfirmedAt = testTime
	factor, err := domain.RestoreFactor(s)
	if err != nil {
		panic(err)
	}
	return factor
}

// keeping keeps the commands that reach a use case.
func keeping[C, R any](good ports.UseCase[C, R], seen *[]any) ports.UseCase[C, R] {
	return does[C, R](func(ctx context.Context, cmd C) (R, error) {
		*seen = append(*seen, cmd)
		return good.Execute(ctx, cmd)
	})
}

// only returns the single command in seen, and empties seen.
func only[C any](t *testing.T, seen *[]any) C {
	t.Helper()
	require.Len(t, *seen, 1)
	cmd, ok := (*seen)[0].(C)
	require.True(t, ok, "%T", (*seen)[0])
	*seen = nil
	return cmd
}

// Every change that takes a code hands it to its use case beside the password, also one by the
// POST in place of a DELETE.
func TestFactors_TheCodeReachesEveryCommandThatTakesOne(t *testing.T) {
	t.Parallel()
	var seen []any
	u := goodUseCases()
	u.DeleteAccount = keeping(u.DeleteAccount, &seen)
	u.ChangeEmail = keeping(u.ChangeEmail, &seen)
	u.AddTOTP = keeping(u.AddTOTP, &seen)
	u.RemoveFactor = keeping(u.RemoveFactor, &seen)
	u.RenewRecoveryCodes = keeping(u.RenewRecoveryCodes, &seen)
	b := start(t, testConfig(), u)
	id := testFactor().ID().String()
	for _, c := range []struct{ method, path, password, more string }{
		{"DELETE", "/me", "password", ""},
		{"POST", "/me/delete", "password", ""},
		{"POST", "/email/change", "current_password", `,"new_email":"ada@example.org"`},
		{"POST", "/me/factors/totp", "password", ""},
		{"DELETE", "/me/factors/" + id, "password", ""},
		{"POST", "/me/factors/" + id + "/remove", "password", ""},
		{"POST", "/me/recovery-codes", "password", ""},
	} {
		for code, member := range map[string]string{"": "", "287 082": `,"code":"287 082"`} {
			seen = nil
			a := b.Once(api.Request{Method: c.method, Path: BasePath + c.path, Token: userToken, Body: `{"` + c.password + `":"the password"` + c.more + member + `}`})
			require.Less(t, a.Status, 300, a.What)
			require.Len(t, seen, 1, a.What)
			given := reflect.ValueOf(seen[0]).FieldByName("Confirmation").Interface()
			assert.Equal(t, ports.Confirmation{Password: domain.NewSecret("the password"), Code: domain.NewSecret(code)}, given, a.What)
		}
	}
}

func TestFactors_CommandsCarryWhatTheRequestSays(t *testing.T) {
	t.Parallel()
	var seen []any
	u := goodUseCases()
	u.AddTOTP = keeping(u.AddTOTP, &seen)
	u.ConfirmTOTP = keeping(u.ConfirmTOTP, &seen)
	u.RemoveFactor = keeping(u.RemoveFactor, &seen)
	u.ListUserFactors = keeping(u.ListUserFactors, &seen)
	u.RemoveUserFactors = keeping(u.RemoveUserFactors, &seen)
	b := start(t, testConfig(), u)
	ask := func(method, path, token, body string) {
		t.Helper()
		r := api.Request{Method: method, Path: BasePath + path, Token: token}
		if body != "" {
			r.Body = body
		}
		require.Less(t, b.Once(r).Status, 300, path)
	}
	ask("POST", "/me/factors/totp", userToken, `{"password":"p","name":"My telephone"}`)
	assert.Equal(t, "My telephone", only[ports.AddTOTPCommand](t, &seen).Name)
	ask("POST", "/me/factors/totp/the-factor/confirm", userToken, `{"code":"287082"}`)
	confirm := only[ports.ConfirmTOTPCommand](t, &seen)
	assert.Equal(t, "the-factor", confirm.FactorID)
	assert.Equal(t, "287082", confirm.Code.Reveal())
	ask("DELETE", "/me/factors/the-factor", userToken, `{"password":"p"}`)
	assert.Equal(t, "the-factor", only[ports.RemoveFactorCommand](t, &seen).FactorID)
	ask("POST", "/me/factors/the-factor/remove", userToken, `{"password":"p"}`)
	assert.Equal(t, "the-factor", only[ports.RemoveFactorCommand](t, &seen).FactorID)
	ask("GET", "/admin/users/the-user/factors", supportToken, "")
	assert.Equal(t, "the-user", only[ports.ListUserFactorsCommand](t, &seen).UserID)
	ask("DELETE", "/admin/users/the-user/factors", adminToken, "")
	all := only[ports.RemoveUserFactorsCommand](t, &seen)
	assert.Equal(t, []string{"the-user", ""}, []string{all.UserID, all.FactorID})
	ask("DELETE", "/admin/users/the-user/factors/the-factor", adminToken, "")
	one := only[ports.RemoveUserFactorsCommand](t, &seen)
	assert.Equal(t, []string{"the-user", "the-factor"}, []string{one.UserID, one.FactorID})
}

// A change that ignored a missing proof would be worse than a refusal.
func TestFactors_ARemovalNeedsItsBody(t *testing.T) {
	t.Parallel()
	b := started(t)
	id := testFactor().ID().String()
	for method, path := range map[string]string{"DELETE": "/me/factors/" + id, "POST": "/me/factors/" + id + "/remove"} {
		isProblem(t, b.Once(api.Request{Method: method, Path: BasePath + path, Token: userToken}), http.StatusBadRequest, "body_missing")
		r := api.Request{Method: method, Path: BasePath + path, Token: userToken, Body: `{"password":"p","kode":"287082"}`}
		isProblem(t, b.Once(r), http.StatusUnprocessableEntity, "validation_failed")
	}
}

func TestFactors_AnswersShowThem(t *testing.T) {
	t.Parallel()
	b := started(t)
	const list = `{"factors":[{"id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13","type":"totp","name":"My telephone","created_at":"2026-01-15T09:30:00.123456Z"}],"recovery_codes_left":9}`
	assert.JSONEq(t, list, string(b.get(BasePath+"/me/factors", userToken, nil).Body))
	assert.JSONEq(t, list, string(b.get(BasePath+"/admin/users/"+userID.String()+"/factors", supportToken, nil).Body))
	assert.JSONEq(t, `{"recovery_codes_left":9}`, string(b.get(BasePath+"/me/recovery-codes", userToken, nil).Body))
}

func TestFactors_AnEmptyListIsAList(t *testing.T) {
	t.Parallel()
	u := goodUseCases()
	u.ListFactors = says[ports.ListFactorsCommand](ports.FactorsResult{}, nil)
	assert.JSONEq(t, `{"factors":[],"recovery_codes_left":0}`, string(start(t, testConfig(), u).get(BasePath+"/me/factors", userToken, nil).Body))
}

func TestFactors_ShowWhenACodeWasLastUsed(t *testing.T) {
	t.Parallel()
	s := testFactor().Snapshot()
	s.LastUsedAt = testTime
	factor, err := domain.RestoreFactor(s)
	require.NoError(t, err)
	u := goodUseCases()
	u.ListFactors = says[ports.ListFactorsCommand](ports.FactorsResult{Factors: []*domain.Factor{factor}}, nil)
	a := start(t, testConfig(), u).get(BasePath+"/me/factors", userToken, nil)
	assert.Contains(t, string(a.Body), `"last_used_at":"2026-01-15T09:30:00.123456Z"`)
}

// The secret and the recovery codes are in one answer, which no cache keeps, and in no log.
func TestFactors_SecretsAppearInOneAnswerOnly(t *testing.T) {
	t.Parallel()
	b := started(t)
	in := map[string][]string{}
	for _, op := range operations() {
		a := b.Once(op.request())
		require.Equal(t, op.status, a.Status, a.What)
		for name, secret := range map[string]string{"secret": totpSecret, "recovery code": recoveryCode} {
			if bytes.Contains(a.Body, []byte(secret)) {
				in[name] = append(in[name], op.method+" "+op.path)
				assert.Equal(t, "no-store", a.Header.Get("Cache-Control"), a.What)
			}
		}
	}
	confirm := "POST /me/factors/totp/" + testFactor().ID().String() + "/confirm"
	assert.Equal(t, map[string][]string{"secret": {"POST /me/factors/totp"}, "recovery code": {confirm, "POST /me/recovery-codes"}}, in)
	for _, secret := range []string{totpSecret, recoveryCode, "otpauth", "287082"} {
		assert.NotContains(t, b.logs.String(), secret)
	}
}

// Only the first factor of an account brings recovery codes.
func TestConfirmTOTP_AFurtherFactorHasNoRecoveryCodes(t *testing.T) {
	t.Parallel()
	u := goodUseCases()
	u.ConfirmTOTP = says[ports.ConfirmTOTPCommand](ports.ConfirmTOTPResult{Factor: testFactor()}, nil)
	a := start(t, testConfig(), u).post(BasePath+"/me/factors/totp/x/confirm", userToken, `{"code":"287082"}`, nil)
	require.Equal(t, http.StatusOK, a.Status)
	var body map[string]any
	require.NoError(t, json.Unmarshal(a.Body, &body))
	assert.NotContains(t, body, "recovery_codes")
	assert.Equal(t, "totp", body["type"])
}

// A wrong code in a session is about an input. A 401 would make clients sign the user out.
func TestFactors_AWrongCodeInASessionNamesTheInput(t *testing.T) {
	t.Parallel()
	for _, refusal := range []*domain.Error{domain.ErrWrongCode, domain.ErrCodeRequired} {
		u := goodUseCases()
		u.RenewRecoveryCodes = says[ports.RenewRecoveryCodesCommand](ports.RecoveryCodesResult{}, refusal)
		a := start(t, testConfig(), u).post(BasePath+"/me/recovery-codes", userToken, `{"password":"p"}`, nil)
		isProblem(t, a, http.StatusUnprocessableEntity, refusal.Code)
		a.At("/code")
		assert.Empty(t, a.Header.Get("WWW-Authenticate"))
	}
}
