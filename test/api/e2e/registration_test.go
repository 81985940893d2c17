package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

func registerTwice(c client) {
	p := newPerson()
	for _, a := range together(4, func(int) api.Answer { return c.register(p) }) {
		a.Is(http.StatusAccepted)
	}
	last := c.target.awaitMail(c, p.email, "verify_email", 4)
	c.Post("/email/verify/request", "", api.Object{"email": p.email}).Is(http.StatusAccepted)
	again := c.target.awaitMail(c, p.email, "verify_email", 5)
	assert.NotEqual(c, last.token, again.token)
	// F-A19: a link that is followed twice confirms twice.
	confirmed := api.Decode[user](c.verify(again.token).Is(http.StatusOK))
	assert.Equal(c, confirmed, api.Decode[user](c.verify(again.token).Is(http.StatusOK)))
	c.login(p)
	assert.Empty(c, c.target.ofKind(c, p.email, "email_taken"))
}

// V-11: the person who confirms the address chooses the password; no other
// password remains.
func registerOverUnverified(c client) {
	p := newPerson()
	c.register(p).Is(http.StatusAccepted)
	other := person{p.email, newPassword()}
	c.register(other).Is(http.StatusAccepted)
	c.target.awaitMail(c, p.email, "verify_email", 2)
	for _, claimant := range []person{p, other} {
		c.tryLogin(claimant).Refused(http.StatusUnauthorized, "invalid_credentials")
	}
	c.verify(c.target.token(c, p.email, "verify_email")).Is(http.StatusOK)
	reset := c.target.token(c, p.email, "reset_password")
	for _, claimant := range []person{p, other} {
		c.tryLogin(claimant).Refused(http.StatusUnauthorized, "invalid_credentials")
	}
	chosen := person{p.email, newPassword()}
	c.confirmReset(reset, chosen.password).Is(http.StatusOK)
	c.login(chosen)
}

// V-13, V-14: an address in another spelling is the same account, everywhere.
func registerTaken(c client) {
	p := c.registered()
	s := c.login(p)
	other := person{"  " + strings.ToUpper(p.email) + " ", newPassword()}
	c.register(other).Is(http.StatusAccepted)
	assert.Empty(c, c.target.awaitMail(c, p.email, "email_taken", 1).token)
	c.tryLogin(other).Refused(http.StatusUnauthorized, "invalid_credentials")
	c.Get("/me", s.Access).Is(http.StatusOK)
	c.login(person{strings.ToUpper(p.email), p.password})
}

// anyBrowser is the start of a cookie that differs each time.
var anyBrowser = regexp.MustCompile(`auth_registration=[A-Za-z0-9_-]{43};`)

// alike asserts that two answers cannot be told apart: status, headers, length
// and body, but for what is different each time.
func alike(c client, one, other api.Answer) {
	c.Helper()
	visible := func(a api.Answer) string {
		header := a.Header.Clone()
		header.Del("Date")
		id := header.Get("X-Request-Id")
		header.Del("X-Request-Id")
		header["Set-Cookie"] = []string{anyBrowser.ReplaceAllString(strings.Join(header["Set-Cookie"], "\n"), "auth_registration=…;")}
		return fmt.Sprintf("%d %v %s", a.Status, header, strings.ReplaceAll(string(a.Body), id, "id"))
	}
	assert.Equal(c, visible(one), visible(other))
}

// S-15, V-16, V-17: no answer reveals whether an address has an account.
func answersAlike(c client) {
	known, unknown, open := c.registered(), newPerson(), newPerson()
	c.register(open).Is(http.StatusAccepted)
	alike(c, c.requestReset(known.email).Is(http.StatusAccepted), c.requestReset(unknown.email))
	alike(c, c.requestReset(known.email), c.requestReset(open.email))
	verification := func(p person) api.Answer {
		return c.Post("/email/verify/request", "", api.Object{"email": p.email}).Is(http.StatusAccepted)
	}
	alike(c, verification(known), verification(unknown))
	alike(c, verification(known), verification(open))
	wrong := func(p person) api.Answer { return c.tryLogin(person{p.email, "not " + p.password}) }
	wrong(known).Refused(http.StatusUnauthorized, "invalid_credentials")
	alike(c, wrong(known), wrong(unknown))
	alike(c, wrong(known), wrong(open))
	alike(c, c.register(known).Is(http.StatusAccepted), c.register(newPerson()))
	alike(c, c.register(known), c.register(open))
	s, owner := c.login(known), c.registered()
	onto := func(email string) api.Answer {
		return c.Post("/email/change", s.Access, api.Object{"new_email": email, "current_password": known.password}).Is(http.StatusAccepted)
	}
	alike(c, onto(owner.email), onto(newPerson().email))
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
		c.register(person{email, password}).Refused(http.StatusUnprocessableEntity, code).At("/password")
	}
	assert.Empty(c, c.target.mails(c, email))
}
