package badinput

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
)

// api is where the API begins.
const api = "/api/auth"

// secret is in every password and token of a hand-written request, so that an
// answer that repeats one is found.
const secret = "canary-secret"

// probe sends requests for one row.
type probe struct {
	testing.TB
	*service
	http *http.Client
}

func (s *service) probe(t testing.TB) probe {
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return probe{t, s, &http.Client{
		Transport:     transport,
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// object is a JSON object to send.
type object map[string]any

// answer is a response, read to its end.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
	openapicheck.Problem
}

// request is a request to send; zero fields are left out. A body of text or
// bytes is sent as it is, anything else as JSON.
type request struct {
	method, path, token string
	body                any
	header              http.Header
}

func (p probe) get(path, token string) answer {
	p.Helper()
	return p.do(request{method: http.MethodGet, path: api + path, token: token})
}

func (p probe) post(path, token string, body any) answer {
	p.Helper()
	return p.do(request{method: http.MethodPost, path: api + path, token: token, body: body})
}

// do sends a request, checks the answer against all promises, and repeats it
// while the service is too busy.
func (p probe) do(r request) answer {
	p.Helper()
	for tries := 1; ; tries++ {
		a := p.once(r)
		if a.status != http.StatusServiceUnavailable || tries == maxTries {
			return a
		}
		a.pause()
	}
}

// maxTries is how often a request is sent to a service that is too busy.
const maxTries = 20

// pause waits as long as a refusal demands.
func (a answer) pause() {
	a.t.Helper()
	wait, err := strconv.Atoi(a.header.Get("Retry-After"))
	require.NoError(a.t, err, a.what)
	<-time.After(time.Duration(wait) * time.Second)
}

func (p probe) once(r request) answer {
	p.Helper()
	var content []byte
	switch body := r.body.(type) {
	case nil:
	case string:
		content = []byte(body)
	case []byte:
		content = body
	default:
		var err error
		content, err = json.Marshal(body)
		require.NoError(p, err)
	}
	req, err := http.NewRequestWithContext(context.Background(), r.method, p.process.URL+r.path, bytes.NewReader(content))
	require.NoError(p, err)
	if r.body == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	resp, err := p.http.Do(req)
	require.NoError(p, err, "%s %.100s %.200q", r.method, r.path, content)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(p, err)
	a := p.judge(resp, body, fmt.Sprintf("%s %.100s %.200q", r.method, r.path, content))
	assert.NoError(p, p.promises.Check(req, resp, body), a.what)
	for _, sent := range append(secretsIn(content), r.token) {
		if len(sent) >= 8 {
			assert.NotContains(p, string(body)+fmt.Sprint(resp.Header), sent, "an answer repeats a secret: %s", a.what)
		}
	}
	return a
}

// judge checks any answer against the form of all answers.
func (p probe) judge(resp *http.Response, body []byte, what string) answer {
	p.Helper()
	a := answer{t: p.TB, status: resp.StatusCode, header: resp.Header, body: body, what: fmt.Sprintf("%s: %d %.300s", what, resp.StatusCode, body)}
	if resp.StatusCode != http.StatusHTTPVersionNotSupported && resp.StatusCode != http.StatusServiceUnavailable {
		assert.Less(p, resp.StatusCode, 500, a.what)
	}
	assert.NoError(p, openapicheck.CheckHeaders(resp), a.what)
	assert.NotContains(p, string(body)+fmt.Sprint(resp.Header), secret, a.what)
	if resp.StatusCode >= http.StatusBadRequest && (resp.Request == nil || resp.Request.Method != http.MethodHead) {
		var err error
		a.Problem, err = openapicheck.CheckProblem(resp, body)
		assert.NoError(p, err, a.what)
		assert.Less(p, len(body), 8<<10, a.what)
	}
	return a
}

// secretsIn returns the secrets that a JSON body brings.
func secretsIn(body []byte) []string {
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return nil
	}
	var secrets []string
	for _, name := range []string{"password", "new_password", "current_password", "token", "refresh_token"} {
		if value, ok := members[name].(string); ok {
			secrets = append(secrets, value)
		}
	}
	return secrets
}

// is stops the test unless the status is one of these.
func (a answer) is(statuses ...int) answer {
	a.t.Helper()
	require.Contains(a.t, statuses, a.status, a.what)
	return a
}

// refused stops the test unless the answer is that refusal.
func (a answer) refused(status int, code string) answer {
	a.t.Helper()
	a.is(status)
	require.Equal(a.t, code, a.Code, a.what)
	return a
}

// at asserts that the refusal points at an input.
func (a answer) at(pointer string) {
	a.t.Helper()
	var pointers []string
	for _, e := range a.Errors {
		pointers = append(pointers, e.Pointer)
	}
	assert.Contains(a.t, pointers, pointer, a.what)
}

func decode[T any](a answer) T {
	a.t.Helper()
	var v T
	require.NoError(a.t, json.Unmarshal(a.body, &v), a.what)
	return v
}

// alive asserts that an ordinary request is served.
func (p probe) alive() {
	p.Helper()
	a := p.get("/me", p.admin.access).is(http.StatusOK)
	assert.Contains(p, string(a.body), p.admin.email)
}

func (p probe) login(email, password string) answer {
	p.Helper()
	return p.post("/login", "", object{"email": email, "password": password})
}

// signIn signs a person in and keeps the tokens.
func (p probe) signIn(who *person) {
	p.Helper()
	tokens := decode[struct {
		Access    string `json:"access_token"`
		Refresh   string `json:"refresh_token"`
		SessionID string `json:"session_id"`
	}](p.login(who.email, who.password).is(http.StatusOK))
	who.access, who.refresh, who.sessionID = tokens.Access, tokens.Refresh, tokens.SessionID
	who.id = decode[user](p.get("/me", who.access).is(http.StatusOK)).ID
}

// newUser makes a user and signs them in.
func (p probe) newUser() person {
	p.Helper()
	who := newPerson()
	p.post("/admin/users", p.admin.access, object{"email": who.email, "password": who.password, "email_verified": true}).is(http.StatusCreated)
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
