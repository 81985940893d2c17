package e2e

import (
	"net/http"
	"slices"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

func (c client) requestReset(email string) api.Answer {
	c.Helper()
	return c.Post("/password/reset/request", "", api.Object{"email": email})
}

func (c client) confirmReset(token, password string) api.Answer {
	c.Helper()
	return c.Post("/password/reset/confirm", "", api.Object{"token": token, "new_password": password})
}

// V-07, S-16: a reset ends everything from before it, and a mail reports it.
func passwordReset(c client) {
	p, moved := c.registered(), newPerson()
	old := []api.Tokens{c.login(p), c.login(p), c.login(p)}
	old[2] = c.Refresh(old[2].Refresh)
	c.Post("/email/change", old[0].Access, api.Object{"new_email": moved.email, "current_password": p.password}).Is(http.StatusAccepted)
	change := c.target.token(c, moved.email, "change_email")

	c.requestReset(p.email).Is(http.StatusAccepted)
	token := c.target.token(c, p.email, "reset_password")
	c.requestReset(p.email).Is(http.StatusAccepted)
	other := c.target.awaitMail(c, p.email, "reset_password", 2).token

	c.confirmReset(token, "password123").Refused(http.StatusUnprocessableEntity, "password_common").At("/new_password")
	renewed := person{p.email, newPassword()}
	assert.NotEmpty(c, api.Decode[login](c.confirmReset(token, renewed.password).Is(http.StatusOK)).Device)

	for _, s := range old {
		c.dead(s)
	}
	for _, dead := range []string{token, other} {
		c.confirmReset(dead, newPassword()).Refused(http.StatusBadRequest, "invalid_or_expired_token")
	}
	c.verify(change).Refused(http.StatusBadRequest, "invalid_or_expired_token")
	c.tryLogin(p).Refused(http.StatusUnauthorized, "invalid_credentials")
	c.Get("/me", c.login(renewed).Access).Is(http.StatusOK)

	notice := c.target.awaitMail(c, p.email, "password_changed", 1)
	assert.Empty(c, notice.token)
	assert.NotContains(c, notice.text, renewed.password)
	assert.NotContains(c, notice.text, "http")
}

// V-06: of many redemptions of one token at once, one succeeds.
func resetAtOnce(c client) {
	p := c.registered()
	c.requestReset(p.email).Is(http.StatusAccepted)
	token := c.target.token(c, p.email, "reset_password")
	passwords := together(50, func(int) string { return newPassword() })
	answered := func(a api.Answer) bool { return a.Status != http.StatusServiceUnavailable }
	var answers []api.Answer
	for range 20 { // a machine that is too busy for all of them leaves the token as it is
		answers = together(len(passwords), func(i int) api.Answer {
			return c.once(http.MethodPost, "/password/reset/confirm", "", api.Object{"token": token, "new_password": passwords[i]})
		})
		if slices.ContainsFunc(answers, answered) {
			break
		}
	}
	winner := ""
	for i, a := range answers {
		switch a.Status {
		case http.StatusOK:
			assert.Empty(c, winner, "two redemptions of one token succeeded")
			winner = passwords[i]
		case http.StatusServiceUnavailable:
		default:
			a.Refused(http.StatusBadRequest, "invalid_or_expired_token")
		}
	}
	require.NotEmpty(c, winner, "no redemption succeeded")
	c.login(person{p.email, winner})
	for _, loser := range passwords[:3] {
		if loser != winner {
			c.tryLogin(person{p.email, loser}).Refused(http.StatusUnauthorized, "invalid_credentials")
		}
	}
	c.target.awaitMail(c, p.email, "password_changed", 1)
	assert.Len(c, c.target.ofKind(c, p.email, "password_changed"), 1)
}
