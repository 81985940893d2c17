package e2e

import (
	"net/http"
	"strings"
	"testing"

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

// confirm redeems the token of a change of address with the password of the account.
func (c client) confirm(token, password string) api.Answer {
	c.Helper()
	return c.Post("/email/verify", "", api.Object{"token": token, "password": password})
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
