package e2e

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/assert"
)

func registerTwice(c client) {
	p := newPerson()
	for _, a := range together(4, func(int) answer { return c.register(p) }) {
		a.is(http.StatusAccepted)
	}
	last := c.target.awaitMail(c, p.email, "verify_email", 4)
	c.post("/email/verify/request", "", object{"email": p.email}).is(http.StatusAccepted)
	again := c.target.awaitMail(c, p.email, "verify_email", 5)
	assert.NotEqual(c, last.token, again.token)
	c.verify(again.token).is(http.StatusOK)
	c.verify(again.token).refused(http.StatusBadRequest, "invalid_or_expired_token")
	c.login(p)
	assert.Empty(c, c.target.ofKind(c, p.email, "email_taken"))
}

// V-11: the person who confirms the address chooses the password; no other
// password remains.
func registerOverUnverified(c client) {
	p := newPerson()
	c.register(p).is(http.StatusAccepted)
	other := person{p.email, newPassword()}
	c.register(other).is(http.StatusAccepted)
	c.target.awaitMail(c, p.email, "verify_email", 2)
	for _, somebody := range []person{p, other} {
		c.tryLogin(somebody).refused(http.StatusUnauthorized, "invalid_credentials")
	}
	c.verify(c.target.token(c, p.email, "verify_email")).is(http.StatusOK)
	reset := c.target.token(c, p.email, "reset_password")
	for _, somebody := range []person{p, other} {
		c.tryLogin(somebody).refused(http.StatusUnauthorized, "invalid_credentials")
	}
	chosen := person{p.email, newPassword()}
	c.confirmReset(reset, chosen.password).is(http.StatusNoContent)
	c.login(chosen)
}

// V-13, V-14: an address in another spelling is the same account, everywhere.
func registerTaken(c client) {
	p := c.registered()
	s := c.login(p)
	other := person{"  " + strings.ToUpper(p.email) + " ", newPassword()}
	c.register(other).is(http.StatusAccepted)
	assert.Empty(c, c.target.awaitMail(c, p.email, "email_taken", 1).token)
	c.tryLogin(other).refused(http.StatusUnauthorized, "invalid_credentials")
	c.get("/me", s.Access).is(http.StatusOK)
	c.login(person{strings.ToUpper(p.email), p.password})
}

// alike asserts that two answers look the same: status, headers, length and body,
// except for values that differ in every answer.
func alike(c client, one, other answer) {
	c.Helper()
	visible := func(a answer) string {
		header := a.header.Clone()
		header.Del("Date")
		id := header.Get("X-Request-Id")
		header.Del("X-Request-Id")
		return fmt.Sprintf("%d %v %s", a.status, header, strings.ReplaceAll(string(a.body), id, "id"))
	}
	assert.Equal(c, visible(one), visible(other))
}

// S-15, V-16, V-17: no answer reveals whether an address has an account.
func answersAlike(c client) {
	known, unknown, open := c.registered(), newPerson(), newPerson()
	c.register(open).is(http.StatusAccepted)
	alike(c, c.requestReset(known.email).is(http.StatusAccepted), c.requestReset(unknown.email))
	alike(c, c.requestReset(known.email), c.requestReset(open.email))
	verification := func(p person) answer {
		return c.post("/email/verify/request", "", object{"email": p.email}).is(http.StatusAccepted)
	}
	alike(c, verification(known), verification(unknown))
	alike(c, verification(known), verification(open))
	wrong := func(p person) answer { return c.tryLogin(person{p.email, "not " + p.password}) }
	wrong(known).refused(http.StatusUnauthorized, "invalid_credentials")
	alike(c, wrong(known), wrong(unknown))
	alike(c, wrong(known), wrong(open))
	alike(c, c.register(known).is(http.StatusAccepted), c.register(newPerson()))
	alike(c, c.register(known), c.register(open))
	assert.Empty(c, c.target.mails(c, unknown.email), "an address without an account gets no mail")
}

// S-01, S-04, S-05, S-09: passwords are refused with the reason.
func refusedPasswords(c client) {
	email := newPerson().email
	local, _, _ := strings.Cut(email, "@")
	for password, code := range map[string]string{
		"seven77":                "password_too_short",
		strings.Repeat("ä", 257): "password_too_long",
		"nul\x00in the middle":   "password_unreadable",
		"password123":            "password_common",
		local + "123":            "password_from_context",
	} {
		c.register(person{email, password}).refusedAt(http.StatusUnprocessableEntity, code, "/password")
	}
	for _, address := range []string{"", "no address", "a@b", "a@b@example.com", "ä@example.com", "\"a b\"@example.com"} {
		c.register(person{address, newPassword()}).refusedAt(http.StatusUnprocessableEntity, "invalid_email", "/email")
	}
	assert.Empty(c, c.target.mails(c, email))
}
