package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
)

// The token of the body counts before that of the cookie. A token that no login of
// this service returned is ignored, never refused.
func TestDevice_TokenFromBodyOrCookie(t *testing.T) {
	t.Parallel()
	var got string
	useCases := goodUseCases()
	good := useCases.Login
	useCases.Login = does[ports.LoginCommand, ports.LoginResult](func(ctx context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
		got = cmd.DeviceToken.Reveal()
		return good.Execute(ctx, cmd)
	})
	b := start(t, testConfig(), useCases)
	for name, tc := range map[string]struct{ cookie, inBody, want string }{
		"neither":          {"", "", ""},
		"cookie":           {"auth_device=a.b-c_d", "", "a.b-c_d"},
		"among others":     {"x=y; auth_device=a.b; z=1", "", "a.b"},
		"body":             {"", "body", "body"},
		"both":             {"auth_device=cookie", "body", "body"},
		"oversized":        {"auth_device=" + strings.Repeat("a", 513), "", ""},
		"as large as can":  {"auth_device=" + strings.Repeat("a", 512), "", strings.Repeat("a", 512)},
		"empty":            {"auth_device=", "", ""},
		"quoted":           {`auth_device="a.b`, "", ""},
		"odd":              {"auth_device=a b", "", ""},
		"not ASCII":        {"auth_device=\xe4", "", ""},
		"script":           {"auth_device=<script>", "", ""},
		"other case":       {"Auth_Device=a.b", "", ""},
		"odd in the body":  {"", "<script>\\u0000", "<script>\x00"},
		"other's prefixed": {"__Host-auth_device=a.b", "", ""},
	} {
		body := loginBody
		if tc.inBody != "" {
			body = strings.TrimSuffix(loginBody, "}") + `,"device_token":"` + tc.inBody + `"}`
		}
		header := http.Header{}
		if tc.cookie != "" {
			header.Set("Cookie", tc.cookie)
		}
		a := b.post("/api/auth/login", "", body, header)
		require.Equal(t, http.StatusOK, a.Status, "%s: %s", name, string(a.Body))
		assert.Equal(t, tc.want, got, name)
	}
}

// S-40: no cookie signs a client in.
func TestDevice_CookieAuthenticatesNothing(t *testing.T) {
	t.Parallel()
	b := started(t)
	cookie := http.Header{"Cookie": {"auth_device=new.device-token; access_token=" + userToken + "; Authorization=Bearer " + userToken}}
	for _, op := range operations() {
		if op.role == "" {
			continue
		}
		r := op.request()
		r.Token, r.Header = "", cookie
		isProblem(t, b.Once(r), http.StatusUnauthorized, "unauthenticated")
	}
}

// F-H4: apps and pages of other origins see no cookie, so a new password answers the
// device token in the body as well.
func TestDevice_ANewPasswordAnswersItsTokenBesideTheCookie(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, op := range operations() {
		want := map[string]string{
			"/password/reset/confirm": "device-1", "/password/change": "device-2", "/login": "new.device-token",
			"/login/password": "device-3", "/login/continue": "device-4",
		}[op.path]
		if want == "" {
			continue
		}
		a := b.Once(op.request())
		require.Equal(t, http.StatusOK, a.Status, op.path)
		var body struct {
			DeviceToken string `json:"device_token"`
		}
		require.NoError(t, json.Unmarshal(a.Body, &body), op.path)
		assert.Equal(t, want, body.DeviceToken, op.path)
		assert.Contains(t, a.Header.Get("Set-Cookie"), "auth_device="+want+";", op.path)
	}
}
