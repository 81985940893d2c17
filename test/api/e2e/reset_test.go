package e2e

import (
	"net/http"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (c client) requestReset(email string) answer {
	c.Helper()
	return c.post("/password/reset/request", "", object{"email": email})
}

func (c client) confirmReset(token, password string) answer {
	c.Helper()
	return c.post("/password/reset/confirm", "", object{"token": token, "new_password": password})
}

// V-07, S-16: a reset ends everything from before it, and a mail reports it.
func passwordReset(c client) {
	p, moved := c.registered(), newPerson()
	old := []tokens{c.login(p), c.login(p), c.login(p)}
	old[2] = c.refresh(old[2].Refresh)
	c.post("/email/change", old[0].Access, object{"new_email": moved.email, "current_password": p.password}).is(http.StatusAccepted)
	change := c.target.token(c, moved.email, "change_email")

	c.requestReset(p.email).is(http.StatusAccepted)
	token := c.target.token(c, p.email, "reset_password")
	c.requestReset(p.email).is(http.StatusAccepted)
	other := c.target.awaitMail(c, p.email, "reset_password", 2).token

	c.confirmReset(token, "password123").refusedAt(http.StatusUnprocessableEntity, "password_common", "/new_password")
	renewed := person{p.email, newPassword()}
	c.confirmReset(token, renewed.password).is(http.StatusNoContent)

	for _, s := range old {
		c.dead(s)
	}
	for _, dead := range []string{token, other} {
		c.confirmReset(dead, newPassword()).refused(http.StatusBadRequest, "invalid_or_expired_token")
	}
	c.verify(change).refused(http.StatusBadRequest, "invalid_or_expired_token")
	c.tryLogin(p).refused(http.StatusUnauthorized, "invalid_credentials")
	c.get("/me", c.login(renewed).Access).is(http.StatusOK)

	notice := c.target.awaitMail(c, p.email, "password_changed", 1)
	assert.Empty(c, notice.token)
	assert.NotContains(c, notice.text, renewed.password)
	assert.NotContains(c, notice.text, "http")
}

// V-06: of many redemptions of one token at once, one succeeds.
func resetAtOnce(c client) {
	p := c.registered()
	c.requestReset(p.email).is(http.StatusAccepted)
	token := c.target.token(c, p.email, "reset_password")
	passwords := together(50, func(int) string { return newPassword() })
	answers := together(len(passwords), func(i int) answer {
		return c.once(http.MethodPost, "/password/reset/confirm", "", object{"token": token, "new_password": passwords[i]})
	})
	winner := ""
	for i, a := range answers {
		switch a.status {
		case http.StatusNoContent:
			assert.Empty(c, winner, "two redemptions of one token succeeded")
			winner = passwords[i]
		case http.StatusServiceUnavailable:
		default:
			a.refused(http.StatusBadRequest, "invalid_or_expired_token")
		}
	}
	require.NotEmpty(c, winner, "no redemption succeeded")
	c.login(person{p.email, winner})
	for _, loser := range passwords[:3] {
		if loser != winner {
			c.tryLogin(person{p.email, loser}).refused(http.StatusUnauthorized, "invalid_credentials")
		}
	}
	c.target.awaitMail(c, p.email, "password_changed", 1)
	assert.Len(c, c.target.ofKind(c, p.email, "password_changed"), 1)
}
