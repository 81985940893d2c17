package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
)

// client talks to a target for one test. Without a choice it goes round all
// replicas, so that no scenario can rely on one of them.
type client struct {
	testing.TB
	target *target
	http   *http.Client
	next   *atomic.Int64
	base   string
	// fields are added to every request, or replace what it has.
	fields http.Header
}

func (tg *target) client(t testing.TB) client {
	return client{
		TB: t, target: tg, next: new(atomic.Int64),
		http: &http.Client{
			Transport:     checkedTransport{t, tg.secrets, http.DefaultTransport},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// on returns a client of one replica; the same as another if there is only one.
func (c client) on(replica int) client {
	c.base = c.target.urls[replica%len(c.target.urls)]
	return c
}

// with returns a client that also sends a header field.
func (c client) with(name, value string) client {
	c.fields = c.fields.Clone()
	if c.fields == nil {
		c.fields = http.Header{}
	}
	c.fields[http.CanonicalHeaderKey(name)] = []string{value}
	return c
}

// from returns a client at an address, behind a proxy that the target trusts.
func (c client) from(address string) client { return c.with("X-Forwarded-For", address) }

// object is a JSON object to send.
type object map[string]any

// answer is a response that was read to its end.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// api is where the API begins.
const api = "/api/auth"

func (c client) get(path, token string) answer {
	c.Helper()
	return c.do(http.MethodGet, path, token, nil)
}

func (c client) post(path, token string, body any) answer {
	c.Helper()
	return c.do(http.MethodPost, path, token, body)
}

func (c client) delete(path, token string, body any) answer {
	c.Helper()
	return c.do(http.MethodDelete, path, token, body)
}

// do sends a request to a path below the API, with the token as Bearer and the
// body as JSON; either may be left out.
func (c client) do(method, path, token string, body any) answer {
	c.Helper()
	for tries := 1; ; tries++ {
		a := c.once(method, path, token, body)
		if a.status != http.StatusServiceUnavailable || tries == 30 {
			return a
		}
		// The machine is busy; a client does as it is told.
		wait, err := strconv.Atoi(a.header.Get("Retry-After"))
		require.NoError(c, err)
		c.Logf("%s %s: 503, once more in %d s", method, path, wait)
		<-time.After(time.Duration(wait) * time.Second)
	}
}

// once is do without another try after a 503.
func (c client) once(method, path, token string, body any) answer {
	c.Helper()
	header := http.Header{"User-Agent": {"e2e"}}
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		require.NoError(c, err)
		content = bytes.NewReader(raw)
		header.Set("Content-Type", "application/json")
	}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return c.send(method, api+path, header, content)
}

// send sends any request. A failure to get an answer fails the test but does
// not stop it, so that it may be called from any goroutine.
func (c client) send(method, path string, header http.Header, body io.Reader) answer {
	c.Helper()
	base := c.base
	if base == "" {
		base = c.target.urls[int(c.next.Add(1))%len(c.target.urls)]
	}
	req, err := http.NewRequestWithContext(context.Background(), method, base+path, body)
	if !assert.NoError(c, err) {
		return answer{t: c.TB}
	}
	req.Header = http.Header{}
	for _, fields := range []http.Header{header, c.fields} {
		for name, values := range fields {
			req.Header[name] = values
		}
	}
	resp, err := c.http.Do(req)
	if !assert.NoError(c, err) {
		return answer{t: c.TB}
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	assert.NoError(c, err)
	return answer{c.TB, resp.StatusCode, resp.Header, content}
}

// is stops the test unless the answer has the status.
func (a answer) is(status int) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, string(a.body))
	return a
}

// refused stops the test unless the answer is the refusal.
func (a answer) refused(status int, code string) openapicheck.Problem {
	a.t.Helper()
	a.is(status)
	p := decode[openapicheck.Problem](a)
	require.Equal(a.t, code, p.Code, string(a.body))
	return p
}

// refusedAt is refused, for a field at fault.
func (a answer) refusedAt(status int, code, pointer string) {
	a.t.Helper()
	p := a.refused(status, code)
	require.Len(a.t, p.Errors, 1, string(a.body))
	assert.Equal(a.t, pointer, p.Errors[0].Pointer)
}

func decode[T any](a answer) T {
	a.t.Helper()
	var v T
	require.NoError(a.t, json.Unmarshal(a.body, &v), string(a.body))
	return v
}

// tokens is what has to stay the same of an answer to a login or a refresh.
type tokens struct {
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	SessionID string `json:"session_id"`
}

// login is the whole answer to a login.
type login struct {
	tokens
	Device string `json:"device_token"`
}

// user is a user as the API shows it.
type user struct {
	ID            string `json:"id"`
	Email         string `json:"email"`
	Role          string `json:"role"`
	Status        string `json:"status"`
	EmailVerified bool   `json:"email_verified"`
	CreatedAt     string `json:"created_at"`
}

// users is a page of users.
type users struct {
	Users []user `json:"users"`
	Next  string `json:"next_cursor"`
}

// sessions is the answer to a list of sessions.
type sessions struct {
	Sessions []struct {
		ID        string `json:"id"`
		IP        string `json:"ip"`
		UserAgent string `json:"user_agent"`
		Current   bool   `json:"current"`
	} `json:"sessions"`
}

// events is a page of the audit log.
type events struct {
	Events []event `json:"events"`
	Next   string  `json:"next_cursor"`
}

// event is an entry of the audit log as the API shows it.
type event struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Outcome    string `json:"outcome"`
	CreatedAt  string `json:"created_at"`
	ActorID    string `json:"actor_id"`
	ByOperator bool   `json:"by_operator"`
	SubjectID  string `json:"subject_id"`
	SessionID  string `json:"session_id"`
	IP         string `json:"ip"`
	UserAgent  string `json:"user_agent"`
	RequestID  string `json:"request_id"`
	Detail     string `json:"detail"`
}

func (e events) types() []string {
	types := make([]string, 0, len(e.Events))
	for _, one := range e.Events {
		types = append(types, one.Type)
	}
	return types
}

func (s sessions) ids() []string {
	ids := make([]string, 0, len(s.Sessions))
	for _, one := range s.Sessions {
		ids = append(ids, one.ID)
	}
	return ids
}

// person is somebody with an address and a password.
type person struct{ email, password string }

func (c client) register(p person) answer {
	c.Helper()
	return c.post("/email/register", "", object{"email": p.email, "password": p.password})
}

// registered registers a new person and confirms the address.
func (c client) registered() person {
	c.Helper()
	p := newPerson()
	c.register(p).is(http.StatusAccepted)
	c.verify(c.target.token(c, p.email, "verify_email")).is(http.StatusOK)
	return p
}

func (c client) verify(token string) answer {
	c.Helper()
	return c.post("/email/verify", "", object{"token": token})
}

func (c client) tryLogin(p person) answer {
	c.Helper()
	return c.post("/login", "", object{"email": p.email, "password": p.password})
}

func (c client) login(p person) tokens {
	c.Helper()
	return decode[tokens](c.tryLogin(p).is(http.StatusOK))
}

func (c client) tryRefresh(refresh string) answer {
	c.Helper()
	return c.post("/refresh", "", object{"refresh_token": refresh})
}

func (c client) refresh(refresh string) tokens {
	c.Helper()
	return decode[tokens](c.tryRefresh(refresh).is(http.StatusOK))
}

// dead asserts that neither token of a session is accepted, on any replica.
func (c client) dead(s tokens) {
	c.Helper()
	for i := range c.target.urls {
		c.on(i).get("/me", s.Access).refused(http.StatusUnauthorized, "session_ended")
		c.on(i).tryRefresh(s.Refresh).refused(http.StatusUnauthorized, "session_ended")
	}
}

// path joins the parts of a path.
func path(parts ...string) string { return "/" + strings.Join(parts, "/") }
