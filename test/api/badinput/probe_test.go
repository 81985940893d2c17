package badinput

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// secret is in every password and token that a hand-written request brings, so
// that an answer that repeats one is noticed.
const secret = "canary-secret"

// probe sends requests for one row, and holds every answer against all promises.
type probe struct {
	api.Client
	*service
}

func (s *service) probe(t testing.TB) probe {
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	p := probe{api.New(t, s.process.URL), s}
	p.Transport = transport
	p.Check = func(request *http.Request, response *http.Response, sent []byte, a api.Answer) {
		t.Helper()
		p.judge(a)
		assert.NoError(t, s.promises.Check(request, response, a.Body), a.What)
		for _, own := range append(secretsIn(sent), strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")) {
			if len(own) >= 8 {
				assert.NotContains(t, string(a.Body)+fmt.Sprint(a.Header), own, "an answer repeats a secret: %s", a.What)
			}
		}
	}
	return p
}

// judge holds any answer against the promises of all answers.
func (p probe) judge(a api.Answer) {
	p.Helper()
	if a.Status != http.StatusHTTPVersionNotSupported && a.Status != http.StatusServiceUnavailable {
		assert.Less(p, a.Status, 500, a.What)
	}
	a.Whole()
	assert.NotContains(p, string(a.Body)+fmt.Sprint(a.Header), secret, a.What)
	if a.Status >= http.StatusBadRequest {
		assert.Less(p, len(a.Body), 8<<10, a.What)
	}
}

// secretsIn returns the secrets that a JSON body brings.
func secretsIn(body []byte) []string {
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return nil
	}
	var secrets []string
	for _, name := range []string{"password", "new_password", "current_password", "token", "refresh_token", "code"} {
		if value, ok := members[name].(string); ok {
			secrets = append(secrets, value)
		}
	}
	return secrets
}

// alive asserts that an ordinary request is served.
func (p probe) alive() {
	p.Helper()
	a := p.Get("/me", p.admin.access).Is(http.StatusOK)
	assert.Contains(p, string(a.Body), p.admin.email)
}

// signIn signs a person in and keeps the tokens.
func (p probe) signIn(who *person) {
	p.Helper()
	tokens := p.Login(who.email, who.password)
	who.access, who.refresh, who.sessionID = tokens.Access, tokens.Refresh, tokens.SessionID
	who.id = api.Decode[user](p.Me(who.access).Is(http.StatusOK)).ID
}

// newUser makes a user and signs them in.
func (p probe) newUser() person {
	p.Helper()
	who := newPerson()
	p.Post("/admin/users", p.admin.access, api.Object{"email": who.email, "password": who.password, "email_verified": true}).Is(http.StatusCreated)
	p.signIn(&who)
	return who
}

// user is a user as the API shows it.
type user struct {
	ID            string `json:"id"`
	Email         string `json:"email"`
	Role          string `json:"role"`
	EmailVerified bool   `json:"email_verified"`
}

// padded is a text of n bytes that begins with the secret.
func padded(n int) string { return secret + strings.Repeat("x", max(0, n-len(secret))) }
