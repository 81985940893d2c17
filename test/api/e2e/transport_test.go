package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/canary"
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

// checkedTransport passes requests on and compares every answer with the OpenAPI
// document and with the form of all answers. It notes each secret that passes.
type checkedTransport struct {
	t       testing.TB
	secrets *canary.Canary
	// next sends the requests.
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c checkedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	c.t.Helper()
	var sent []byte
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		sent = body
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := c.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	what := fmt.Sprintf("%s %s: %d %s", req.Method, req.URL.Path, resp.StatusCode, body)
	assert.NoError(c.t, promises().Check(req, resp, body), what)
	checkHeaders(c.t, req, resp, what)
	if resp.StatusCode >= http.StatusBadRequest && req.Method != http.MethodHead && req.URL.Path != "/readyz" {
		_, err := openapicheck.CheckProblem(resp, body)
		assert.NoError(c.t, err, what)
	}
	brought := secretsIn(sent)
	if bearer, found := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); found {
		brought = append(brought, bearer)
	}
	for _, secret := range brought {
		assert.NotContains(c.t, string(body)+fmt.Sprint(resp.Header), secret, "an answer repeats a secret of its request")
	}
	c.secrets.Add(brought...)
	c.secrets.Add(secretsIn(body)...)
	for _, cookie := range resp.Cookies() {
		c.secrets.Add(cookie.Value)
	}
	return resp, nil
}

// setsDevice are the operations that make a device known, with their success.
var setsDevice = map[string]int{
	"/api/auth/login":                  http.StatusOK,
	"/api/auth/password/change":        http.StatusNoContent,
	"/api/auth/password/reset/confirm": http.StatusNoContent,
}

// checkHeaders checks the headers that every answer has.
func checkHeaders(t testing.TB, req *http.Request, resp *http.Response, what string) {
	t.Helper()
	assert.NoError(t, openapicheck.CheckHeaders(resp), what)
	if !strings.HasPrefix(req.URL.Path, "/api/auth/docs/") && req.URL.Path != "/api/auth/.well-known/jwks.json" {
		assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"), what)
	}
	cookies := resp.Cookies()
	if want, sets := setsDevice[req.URL.Path]; !sets || resp.StatusCode != want {
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
