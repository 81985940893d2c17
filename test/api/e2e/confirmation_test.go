package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// confirmWith confirms an address with more members than the token.
func (c client) confirmWith(token string, more api.Object) api.Answer {
	c.Helper()
	body := api.Object{"token": token}
	for name, value := range more {
		body[name] = value
	}
	return c.Post("/email/verify", "", body)
}

// browserOf returns the cookie that an answer sets, for a client without a cookie jar.
func browserOf(t testing.TB, a api.Answer) string {
	t.Helper()
	cookies := (&http.Response{Header: a.Header}).Cookies()
	require.Len(t, cookies, 1)
	cookie := cookies[0]
	assert.Equal(t, []any{"auth_registration", "/api/auth", 86400, true, http.SameSiteStrictMode, 43},
		[]any{cookie.Name, cookie.Path, cookie.MaxAge, cookie.HttpOnly, cookie.SameSite, len(cookie.Value)})
	return cookie.Name + "=" + cookie.Value
}

// F-H2: only the password or the browser of the registration proves a confirmation; "I
// don't know it" drops the password.
func proveConfirmation(c client) {
	demand := api.Object{"require_proof": true}
	p := newPerson()
	first := browserOf(c, c.register(p).Is(http.StatusAccepted))
	newest := browserOf(c, c.register(p).Is(http.StatusAccepted))
	stranger := browserOf(c, c.register(newPerson()).Is(http.StatusAccepted))
	token := c.target.awaitMail(c, p.email, "verify_email", 2).token
	c.confirmWith(token, demand).Refused(http.StatusUnprocessableEntity, "proof_required").At("/password")
	for _, cookie := range []string{first, stranger, newest + "; " + newest, strings.ToUpper(newest)} {
		c.with("Cookie", cookie).confirmWith(token, demand).Refused(http.StatusUnprocessableEntity, "proof_required")
	}
	for _, wrong := range []string{"", newPassword()} {
		c.with("Cookie", newest).confirmWith(token, api.Object{"password": wrong}).Refused(http.StatusUnprocessableEntity, "wrong_password").At("/password")
	}
	c.confirmWith(token, api.Object{"password": p.password, "drop_password": true}).Refused(http.StatusUnprocessableEntity, "invalid_parameter").At("/drop_password")
	c.tryLogin(p).Refused(http.StatusForbidden, "email_not_verified")
	c.with("Cookie", newest).confirmWith(token, demand).Is(http.StatusOK)
	c.login(p)

	p = newPerson()
	c.register(p).Is(http.StatusAccepted)
	c.confirmWith(c.target.token(c, p.email, "verify_email"), api.Object{"password": p.password, "require_proof": true}).Is(http.StatusOK)
	c.login(p)

	p = newPerson()
	c.register(p).Is(http.StatusAccepted)
	c.confirmWith(c.target.token(c, p.email, "verify_email"), api.Object{"drop_password": true}).Is(http.StatusOK)
	c.tryLogin(p).Refused(http.StatusUnauthorized, "invalid_credentials")
	chosen := person{p.email, newPassword()}
	c.confirmReset(c.target.token(c, p.email, "reset_password"), chosen.password).Is(http.StatusOK)
	c.login(chosen)
}

// F-H2: with EMAIL_VERIFY_UNPROVEN=drop the token alone takes password and sessions of
// whoever registered, in both modes of verification; an access token of the account keeps
// them.
func TestServe_UnprovenConfirmationsDropThePassword(t *testing.T) {
	t.Parallel()
	for mode, status := range map[string]int{"true": http.StatusAccepted, "false": http.StatusCreated} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			env := cheap().With("EMAIL_VERIFICATION_REQUIRED", mode, "EMAIL_VERIFY_UNPROVEN", "drop")
			p := program.StartLocal(t, t.TempDir(), env)
			tg := targetOf(t, env, p)
			tg.mails = mailsIn(mailboxOf(t, p))
			c, victim, owner := tg.client(t), newPerson(), newPerson()
			c.register(victim).Is(status)
			var strangers api.Tokens
			if mode == "false" {
				strangers = c.login(victim)
				c.register(owner).Is(status)
				own := c.login(owner)
				c.Post("/email/verify", own.Access, api.Object{"token": tg.token(t, owner.email, "verify_email")}).Is(http.StatusOK)
				c.Get("/me", own.Access).Is(http.StatusOK)
			}
			c.verify(tg.token(t, victim.email, "verify_email")).Is(http.StatusOK)
			c.tryLogin(victim).Refused(http.StatusUnauthorized, "invalid_credentials")
			if mode == "false" {
				c.dead(strangers)
			}
			c.confirmReset(tg.token(t, victim.email, "reset_password"), newPassword()).Is(http.StatusOK)
			p.Stop(t)
		})
	}
}

// F-L1: a registration over an unconfirmed account, while a confirmed address is required,
// ends no session of its holder.
func TestServe_ARegistrationEndsNoSession(t *testing.T) {
	t.Parallel()
	folder, env := t.TempDir(), cheap()
	start := func(required string) (client, func()) {
		p := program.StartLocal(t, folder, env.With("EMAIL_VERIFICATION_REQUIRED", required))
		tg := targetOf(t, env, p)
		tg.mails = mailsIn(mailboxOf(t, p))
		return tg.client(t), func() { p.Stop(t) }
	}
	holder := newPerson()
	c, stop := start("false")
	c.register(holder).Is(http.StatusCreated)
	s := c.login(holder)
	stop()
	c, stop = start("true")
	c.register(person{holder.email, newPassword()}).Is(http.StatusAccepted)
	c.Get("/me", s.Access).Refused(http.StatusUnauthorized, "session_ended")
	stop()
	c, stop = start("false")
	c.Get("/me", s.Access).Is(http.StatusOK)
	c.Get("/me", c.Refresh(s.Refresh).Access).Is(http.StatusOK)
	stop()
}
