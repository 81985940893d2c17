package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
)

// promises is the committed OpenAPI document.
var promises = sync.OnceValue(func() *openapicheck.Checker {
	document, err := os.ReadFile("../../../docs/openapi.json")
	if err != nil {
		panic(err)
	}
	checker, err := openapicheck.New(document)
	if err != nil {
		panic(err)
	}
	return checker
})

// secretMembers are the members of JSON bodies that only their client may see.
var secretMembers = []string{
	"password", "new_password", "current_password", "token", "access_token", "refresh_token", "device_token",
}

// check returns a check of every answer. It notes each secret that passes.
func (tg *target) check(t testing.TB) func(*http.Request, *http.Response, []byte, api.Answer) {
	return func(req *http.Request, resp *http.Response, sent []byte, a api.Answer) {
		t.Helper()
		assert.NoError(t, promises().Check(req, resp, a.Body), a.What)
		checkHeaders(t, req, resp, a.What)
		if req.URL.Path != "/readyz" {
			a.Whole()
		}
		brought := secretsIn(sent)
		if bearer, found := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); found {
			brought = append(brought, bearer)
		}
		for _, secret := range brought {
			assert.NotContains(t, string(a.Body)+fmt.Sprint(a.Header), secret, "an answer repeats a secret of its request")
		}
		tg.secrets.Add(brought...)
		tg.secrets.Add(secretsIn(a.Body)...)
		for _, cookie := range resp.Cookies() {
			tg.secrets.Add(cookie.Value)
		}
	}
}

// setsDevice are the operations that make a device known, with their success.
var setsDevice = map[string]int{
	"/api/auth/login": http.StatusOK, "/api/auth/login/continue": http.StatusOK,
	"/api/auth/login/password":         http.StatusOK,
	"/api/auth/password/change":        http.StatusOK,
	"/api/auth/password/reset/confirm": http.StatusOK,
}

// setsBrowser are the answers to a registration, whatever the address. F-H2.
var setsBrowser = []int{http.StatusAccepted, http.StatusCreated}

// checkHeaders checks the headers of any answer. S-40: only a good login and a new
// password make the device known, and only registrations the browser.
func checkHeaders(t testing.TB, req *http.Request, resp *http.Response, what string) {
	t.Helper()
	assert.NoError(t, openapicheck.CheckHeaders(resp), what)
	switch path := req.URL.Path; {
	case path == "/api/auth/.well-known/jwks.json":
		assert.Equal(t, "public, max-age=300", resp.Header.Get("Cache-Control"), what)
	case !strings.HasPrefix(path, "/api/auth/docs/"):
		assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"), what)
	}
	// Only a 429 shows how near a limit is, because that would reveal whether another
	// client used it.
	if resp.StatusCode != http.StatusTooManyRequests {
		assert.Empty(t, resp.Header.Get("RateLimit")+resp.Header.Get("RateLimit-Policy"), what)
	}
	cookies := resp.Cookies()
	if req.URL.Path == "/api/auth/email/register" && slices.Contains(setsBrowser, resp.StatusCode) {
		if assert.Len(t, cookies, 1, what) {
			assert.Equal(t, "auth_registration", cookies[0].Name, what)
		}
	} else if want, sets := setsDevice[req.URL.Path]; !sets || resp.StatusCode != want {
		assert.Empty(t, cookies, what)
	} else if assert.Len(t, cookies, 1, what) {
		assert.Equal(t, "auth_device", cookies[0].Name, what)
	}
}

// secretsIn returns the secrets of a JSON body.
func secretsIn(body []byte) []string {
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return nil
	}
	var secrets []string
	for _, name := range secretMembers {
		if value, ok := members[name].(string); ok && len(value) >= 8 {
			secrets = append(secrets, value)
		}
	}
	return secrets
}
