package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// client talks to a target for one test, and holds every answer against the OpenAPI
// document and against what all answers have in common.
type client struct {
	api.Client
	target *target
}

func (tg *target) client(t testing.TB) client {
	c := api.New(t, tg.urls...).With("User-Agent", "e2e")
	c.Check = tg.check(t) //nolint:bodyclose // the client closes it; this is the check of an answer
	return client{c, tg}
}

// on returns a client of one replica; the same as another if there is only one.
func (c client) on(replica int) client { return client{c.On(replica), c.target} }

// with returns a client that also sends a header field.
func (c client) with(name, value string) client { return client{c.With(name, value), c.target} }

// from returns a client at an address, behind a proxy that the target trusts.
func (c client) from(address string) client { return c.with("X-Forwarded-For", address) }

// unchecked returns a client whose answers are not checked and whose requests hold
// no secret.
func (c client) unchecked() client {
	c.Check = nil
	return c
}

// once sends a request to a path below the API once, even if it gets a 503.
func (c client) once(method, path, token string, body any) api.Answer {
	c.Helper()
	return c.Once(api.Request{Method: method, Path: api.Prefix + path, Token: token, Body: body})
}

// page sends a GET to any path of the service.
func (c client) page(path string) api.Answer {
	c.Helper()
	return c.Once(api.Request{Method: http.MethodGet, Path: path})
}

// login is the whole answer to a login.
type login struct {
	api.Tokens
	Type         string `json:"token_type"`
	Lives        int    `json:"expires_in"`
	RefreshLives int    `json:"refresh_expires_in"`
	Device       string `json:"device_token"`
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
	Sessions []session `json:"sessions"`
}

// session is a session as lists and exports show it.
type session struct {
	ID         string    `json:"id"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
	Current    bool      `json:"current"`
	// The others are in exports only.
	AbsoluteEnd  time.Time `json:"absolute_expires_at"`
	RevokedAt    time.Time `json:"revoked_at"`
	RevokeReason string    `json:"revoke_reason"`
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

// person is a user with an address and a password.
type person struct{ email, password string }

func (c client) register(p person) api.Answer {
	c.Helper()
	return c.Post("/email/register", "", api.Object{"email": p.email, "password": p.password})
}

// registered registers a new person and confirms the address.
func (c client) registered() person {
	c.Helper()
	p := newPerson()
	c.register(p).Is(http.StatusAccepted)
	c.verify(c.target.token(c, p.email, "verify_email")).Is(http.StatusOK)
	return p
}

func (c client) verify(token string) api.Answer {
	c.Helper()
	return c.Post("/email/verify", "", api.Object{"token": token})
}

func (c client) tryLogin(p person) api.Answer {
	c.Helper()
	return c.TryLogin(p.email, p.password)
}

func (c client) login(p person) api.Tokens {
	c.Helper()
	return c.Login(p.email, p.password)
}

// dead asserts that neither token of a session is accepted, on any replica.
func (c client) dead(s api.Tokens) {
	c.Helper()
	for i := range c.target.urls {
		c.on(i).Get("/me", s.Access).Refused(http.StatusUnauthorized, "session_ended")
		c.on(i).TryRefresh(s.Refresh).Refused(http.StatusUnauthorized, "session_ended")
	}
}

// path joins the parts of a path.
func path(parts ...string) string { return "/" + strings.Join(parts, "/") }
