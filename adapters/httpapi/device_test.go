package httpapi

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// S-40: the cookie has all the attributes that keep it where it belongs.
func TestDevice_LoginSetsTheCookie(t *testing.T) {
	t.Parallel()
	for url, secure := range map[string]string{"http://auth.example.com": "", "https://auth.example.com": "; Secure"} {
		config := testConfig()
		config.PublicURL = url
		a := start(t, config, goodUseCases()).do(request{method: http.MethodPost, path: "/api/auth/login", body: loginBody})
		assert.Equal(t, "auth_device=new.device-token; Path=/api/auth; Max-Age=15552000; HttpOnly"+secure+"; SameSite=Strict", a.Header.Get("Set-Cookie"))
		assert.JSONEq(t, `{"access_token":"new.access.token","refresh_token":"new.refresh.token","token_type":"Bearer","expires_in":1800,`+
			`"refresh_expires_in":604800,"session_id":"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11","device_token":"new.device-token"}`, a.body)
	}
}

// S-40, S-13: nor does anything else but a new password, after which the device
// that set it is known anew.
func TestDevice_OnlyAGoodLoginAndANewPasswordSetTheCookie(t *testing.T) {
	t.Parallel()
	useCases := goodUseCases()
	useCases.Login = says[ports.LoginCommand](ports.LoginResult{}, domain.ErrInvalidCredentials)
	b := start(t, testConfig(), useCases)
	known := map[string]string{"/password/reset/confirm": "auth_device=device-1;", "/password/change": "auth_device=device-2;"}
	for _, op := range operations() {
		cookie := b.do(op.request()).Header.Get("Set-Cookie")
		if want, sets := known[op.path]; sets {
			assert.True(t, strings.HasPrefix(cookie, want), op.path)
			continue
		}
		assert.Empty(t, cookie, op.path)
	}
}

// The body's token counts before the cookie's; what no login of this service
// gave is ignored, never refused.
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
		a := b.do(request{method: http.MethodPost, path: "/api/auth/login", body: body, header: header})
		require.Equal(t, http.StatusOK, a.StatusCode, "%s: %s", name, a.body)
		assert.Equal(t, tc.want, got, name)
	}
}

// S-40: nobody is signed in by a cookie, and no page elsewhere can make a
// browser send it with a body that is read.
func TestDevice_CookieAuthenticatesNothing(t *testing.T) {
	t.Parallel()
	b := started(t)
	cookie := http.Header{"Cookie": {"auth_device=new.device-token; access_token=" + userToken + "; Authorization=Bearer " + userToken}}
	for _, op := range operations() {
		if op.role == "" {
			continue
		}
		r := op.request()
		r.token, r.header = "", cookie
		isProblem(t, b.do(r), http.StatusUnauthorized, "unauthenticated")
	}
	form := b.do(request{method: http.MethodPost, path: "/api/auth/login", body: loginBody, header: http.Header{
		"Cookie": cookie["Cookie"], "Content-Type": {"text/plain"}, "Origin": {"https://evil.example.org"},
	}})
	isProblem(t, form, http.StatusUnsupportedMediaType, "unsupported_media_type")
}
