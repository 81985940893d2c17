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

const someBrowser = "q3Zl0cXv1f8mVtO5wYp7eHk2sRbNdJgA9uTi6xLyC4o"

// verifying returns use cases that keep the newest command of a confirmation.
func verifying(got *ports.VerifyEmailCommand) ports.UseCases {
	useCases := goodUseCases()
	good := useCases.VerifyEmail
	useCases.VerifyEmail = does[ports.VerifyEmailCommand, ports.UserResult](func(ctx context.Context, cmd ports.VerifyEmailCommand) (ports.UserResult, error) {
		*got = cmd
		return good.Execute(ctx, cmd)
	})
	return useCases
}

// F-H2, S-40: each registration that is not refused sets the cookie, with verification required
// (202) and optional (201).
func TestBrowser_EveryRegistrationSetsTheCookie(t *testing.T) {
	t.Parallel()
	const attributes = "; Max-Age=86400; HttpOnly"
	for public, want := range map[string]string{
		"http://auth.example.com":       "auth_registration=" + someBrowser + "; Path=/api/auth" + attributes + "; SameSite=Strict",
		"http://example.com/accounts/":  "auth_registration=" + someBrowser + "; Path=/accounts/api/auth" + attributes + "; SameSite=Strict",
		"https://auth.example.com":      "__Host-auth_registration=" + someBrowser + "; Path=/" + attributes + "; Secure; SameSite=Strict",
		"https://example.com/accounts":  "__Host-auth_registration=" + someBrowser + "; Path=/" + attributes + "; Secure; SameSite=Strict",
		"https://example.com/accounts/": "__Host-auth_registration=" + someBrowser + "; Path=/" + attributes + "; Secure; SameSite=Strict",
	} {
		for status, user := range map[int]*domain.User{http.StatusAccepted: nil, http.StatusCreated: testUser(domain.RoleUser)} {
			useCases := goodUseCases()
			useCases.Register = says[ports.RegisterCommand](ports.RegisterResult{User: user, BrowserSecret: domain.NewSecret(someBrowser)}, nil)
			a := start(t, Config{PublicURL: public}, useCases).post("/api/auth/email/register", "", loginBody, nil)
			require.Equal(t, status, a.Status, public)
			assert.Equal(t, []string{want}, a.Header.Values("Set-Cookie"), public)
			assert.NotContains(t, string(a.Body), someBrowser)
		}
	}
}

// F-H2: the cookie proves only if it is the single one of its form. No other cookie does.
func TestBrowser_TheCookieReachesTheConfirmation(t *testing.T) {
	t.Parallel()
	var got ports.VerifyEmailCommand
	b := start(t, testConfig(), verifying(&got))
	good := "auth_registration=" + someBrowser
	for name, c := range map[string]struct {
		cookies []string
		want    string
	}{
		"none":           {nil, ""},
		"the cookie":     {[]string{good}, someBrowser},
		"among others":   {[]string{"x=y; " + good + "; auth_device=a.b"}, someBrowser},
		"twice":          {[]string{good + "; " + good}, ""},
		"in two headers": {[]string{good, "auth_registration=" + strings.Repeat("A", 43)}, ""},
		"beside an odd":  {[]string{good + "; auth_registration=x"}, ""},
		"too short":      {[]string{good[:len(good)-1]}, ""},
		"too long":       {[]string{good + "A"}, ""},
		"odd":            {[]string{"auth_registration=" + strings.Repeat("=", 43)}, ""},
		"empty":          {[]string{"auth_registration="}, ""},
		"other case":     {[]string{strings.ToUpper(good)}, ""},
		"the device":     {[]string{"auth_device=" + someBrowser}, ""},
	} {
		header := http.Header{}
		if c.cookies != nil {
			header["Cookie"] = c.cookies
		}
		a := b.post("/api/auth/email/verify", "", `{"token":"t"}`, header)
		require.Equal(t, http.StatusOK, a.Status, name)
		assert.Equal(t, c.want, got.BrowserSecret.Reveal(), name)
	}
}

// F-H2, S-40: with https only the name counts that no neighbouring host can plant, and
// without TLS only the plain one.
func TestBrowser_ACookieOfTheWrongNameProvesNothing(t *testing.T) {
	t.Parallel()
	const plain, bound = "auth_registration=" + someBrowser, "__Host-auth_registration=" + someBrowser
	planted := strings.Repeat("A", 43)
	for public, cookies := range map[string]map[string]string{
		"https://auth.example.com": {
			bound: someBrowser, plain: "", bound + "; auth_registration=" + planted: someBrowser,
			"__Secure-auth_registration=" + planted: "", "__host-auth_registration=" + planted: "",
		},
		"http://auth.example.com": {plain: someBrowser, bound: "", plain + "; __Host-auth_registration=" + planted: someBrowser},
	} {
		var got ports.VerifyEmailCommand
		b := start(t, Config{PublicURL: public}, verifying(&got))
		for cookie, want := range cookies {
			require.Equal(t, http.StatusOK, b.post("/api/auth/email/verify", "", `{"token":"t"}`, http.Header{"Cookie": {cookie}}).Status)
			assert.Equal(t, want, got.BrowserSecret.Reveal(), "%s: %s", public, cookie)
		}
	}
}

// F-H2: the members of the body, and an access token, if it is of use.
func TestBrowser_ProofsReachTheConfirmation(t *testing.T) {
	t.Parallel()
	var got ports.VerifyEmailCommand
	b := start(t, testConfig(), verifying(&got))
	for body, want := range map[string]ports.VerifyEmailCommand{
		`{"token":"t"}`:                       {},
		`{"token":"t","password":"pass"}`:     {Confirmation: &ports.Confirmation{Password: domain.NewSecret("pass")}},
		`{"token":"t","password":""}`:         {Confirmation: &ports.Confirmation{Password: domain.NewSecret("")}},
		`{"token":"t","drop_password":true}`:  {DropPassword: true},
		`{"token":"t","drop_password":false}`: {},
		`{"token":"t","require_proof":true}`:  {RequireProof: true},
	} {
		require.Equal(t, http.StatusOK, b.post("/api/auth/email/verify", "", body, nil).Status, body)
		want.TokenSecret, want.Origin = domain.NewSecret("t"), got.Origin
		assert.Equal(t, want, got, body)
	}
	for _, body := range []string{`{"token":"t","password":1}`, `{"token":"t","drop_password":"true"}`} {
		isProblem(t, b.post("/api/auth/email/verify", "", body, nil), http.StatusUnprocessableEntity, "validation_failed")
	}
	for token, signedIn := range map[string]bool{userToken: true, "": false, "expired": false, "junk": false, "a b": false} {
		require.Equal(t, http.StatusOK, b.post("/api/auth/email/verify", token, `{"token":"t"}`, nil).Status, token)
		account, err := got.Principal.Account()
		assert.Equal(t, signedIn, err == nil, token)
		if signedIn {
			assert.Equal(t, userID, account.ID())
		}
	}
}

// A store that fails is no missing proof.
func TestBrowser_AFailingStoreRefusesTheConfirmation(t *testing.T) {
	t.Parallel()
	var got ports.VerifyEmailCommand
	useCases := verifying(&got)
	useCases.Authenticate = says[ports.AuthenticateCommand](ports.AuthenticateResult{}, domain.ErrUnavailable)
	isProblem(t, start(t, testConfig(), useCases).post("/api/auth/email/verify", userToken, `{"token":"t"}`, nil), http.StatusServiceUnavailable, "unavailable")
	assert.Zero(t, got)
}
