package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// forwardAuth answers gateways: 204 with the identity of the user, or a refusal
// without one. V-41: what a client claims about itself or about the gateway's
// request decides nothing.
func forwardAuth(c client) {
	p := c.registered()
	s, root := c.login(p), c.login(c.target.admin)
	me := api.Decode[user](c.Get("/me", s.Access).Is(http.StatusOK))
	user, stranger := []string{me.ID, p.email, "user", s.SessionID, "pwd"}, []string{"", "", "", "", ""}
	c = c.with("X-Forwarded-Uri", "/public").with("X-Original-Url", "/api/auth/test/public").with("X-Auth-User-Id", "forged")
	for _, query := range []string{"", "?role=user"} {
		assert.Equal(c, user, identity(c.Get("/forward-auth"+query, s.Access).Is(http.StatusNoContent)))
	}
	for _, query := range []string{"?role=user", "?role=admin"} {
		assert.Equal(c, "admin", identity(c.Get("/forward-auth"+query, root.Access).Is(http.StatusNoContent))[2])
	}
	for _, query := range []string{"role=root", "role=ADMIN"} {
		c.Get("/forward-auth?"+query, root.Access).Refused(http.StatusUnprocessableEntity, "invalid_role")
	}
	for _, query := range []string{"role=", "role=user&role=admin", "role=admin&role=admin", "roles=admin", "Role=admin", "mfa=false", "max_age=0"} {
		c.Get("/forward-auth?"+query, root.Access).Refused(http.StatusUnprocessableEntity, "validation_failed")
	}
	assert.Equal(c, user, identity(c.Get("/forward-auth?max_age=31536000", s.Access).Is(http.StatusNoContent)))
	for _, path := range []string{"?mfa=true", "?role=user&mfa=true&max_age=31536000", "/require/role=user,mfa=true/x"} {
		a := c.Get("/forward-auth"+path, s.Access).Refused(http.StatusUnauthorized, "insufficient_user_authentication")
		assert.Equal(c, stranger, identity(a))
		assert.Contains(c, a.Header.Get("WWW-Authenticate"), `error="insufficient_user_authentication"`)
	}

	// A gateway asks with a copy of its client's headers, also of those that describe
	// a body that the gateway keeps.
	for _, header := range []http.Header{
		nil,
		{"Content-Encoding": {"gzip"}, "Content-Type": {"application/octet-stream"}},
		{"Content-Encoding": {"br"}, "Content-Type": {"multipart/form-data; boundary=x"}},
		{"Content-Type": {"text/plain"}},
	} {
		ask := func(token string) api.Answer {
			return c.Do(api.Request{Method: http.MethodGet, Path: api.Prefix + "/forward-auth?role=admin", Token: token, Header: header})
		}
		assert.Equal(c, stranger, identity(ask("").Refused(http.StatusUnauthorized, "unauthenticated")))
		assert.Equal(c, stranger, identity(ask(s.Access).Refused(http.StatusForbidden, "forbidden")))
		ask(root.Access).Is(http.StatusNoContent)
	}

	// F-A16: gateways such as Envoy ask with the method and the path of their client.
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "PROPFIND"} {
		ask := func(path, token string) api.Answer {
			return c.Do(api.Request{Method: method, Path: api.Prefix + "/forward-auth" + path, Token: token})
		}
		assert.Equal(c, user, identity(ask("/require/role=user/require/role=admin?role=admin&role=x", s.Access).Is(http.StatusOK)))
		assert.Equal(c, "admin", identity(ask("/require/role=admin/a//b/%2e%2e/%2f?x", root.Access).Is(http.StatusOK))[2])
		for _, path := range []string{"?role=admin", "/require/role=admin", "/require/role=admin/?role=user", "/require/role=admin/require/role=user", "/require/role=admin/%2e%2e/role=user", "/require/role=admin//../../x"} {
			assert.Equal(c, stranger, identity(ask(path, s.Access).Is(http.StatusForbidden)))
			assert.Equal(c, stranger, identity(ask(path, "").Is(http.StatusUnauthorized)))
		}
		for _, path := range []string{"/require/role=root", "/require/role=", "/require/", "/require", "/require/verified"} {
			ask(path, root.Access).Is(http.StatusUnprocessableEntity)
		}
	}

	c.Get("/test/protected", s.Access).Is(http.StatusOK)
	c.Post("/logout", s.Access, nil).Is(http.StatusNoContent)
	for _, token := range []string{"", s.Access, s.Refresh, root.Refresh, "not.a.token"} {
		assert.Equal(c, stranger, identity(c.Get("/forward-auth", token).Is(http.StatusUnauthorized)))
		c.Get("/test/protected", token).Is(http.StatusUnauthorized)
	}
}

// identity returns the user that an answer to a gateway names.
func identity(a api.Answer) []string {
	h := a.Header
	return []string{h.Get("X-Auth-User-Id"), h.Get("X-Auth-User-Email"), h.Get("X-Auth-Role"), h.Get("X-Auth-Session-Id"), h.Get("X-Auth-Methods")}
}

// F-M2: gateways are told confirmed addresses only, and once confirming is required,
// users without a confirmed address are signed out.
func TestServe_VerificationIsSwitchedOn(t *testing.T) {
	t.Parallel()
	folder, env := t.TempDir(), cheap()
	p := program.StartLocal(t, folder, env.With("EMAIL_VERIFICATION_REQUIRED", "false"))
	tg := targetOf(t, env, p)
	tg.mails = mailsIn(mailboxOf(t, p))
	c, open, closed := tg.client(t), newPerson(), newPerson()
	c.register(open).Is(http.StatusCreated)
	c.register(closed).Is(http.StatusCreated)
	unconfirmed, confirmed := c.login(open), c.login(closed)
	names := func(c client, s api.Tokens) string {
		return identity(c.Get("/forward-auth", s.Access).Is(http.StatusNoContent))[1]
	}
	for _, s := range []api.Tokens{unconfirmed, confirmed} {
		a := c.Get("/forward-auth", s.Access).Is(http.StatusNoContent)
		assert.Equal(t, []string{""}, a.Header["X-Auth-User-Email"])
		assert.Equal(t, []string{"user", s.SessionID, "pwd"}, identity(a)[2:])
	}
	c.verify(tg.token(t, closed.email, "verify_email")).Is(http.StatusOK)
	assert.Equal(t, closed.email, names(c, confirmed))
	p.Stop(t)

	p = program.StartLocal(t, folder, env)
	tg = targetOf(t, env, p)
	tg.mails = mailsIn(mailboxOf(t, p))
	c = tg.client(t)
	c.dead(unconfirmed)
	assert.Equal(t, []string{"", "", "", "", ""}, identity(c.Get("/forward-auth", unconfirmed.Access).Refused(http.StatusUnauthorized, "session_ended")))
	c.tryLogin(open).Refused(http.StatusForbidden, "email_not_verified")
	assert.Equal(t, closed.email, names(c, confirmed))
	c.Get("/me", c.Refresh(confirmed.Refresh).Access).Is(http.StatusOK)

	c.Post("/email/verify/request", "", api.Object{"email": open.email}).Is(http.StatusAccepted)
	c.verify(tg.token(t, open.email, "verify_email")).Is(http.StatusOK)
	assert.Equal(t, open.email, names(c, c.login(open)))
	p.Stop(t)
}
