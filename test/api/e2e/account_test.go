package e2e

import (
	"net/http"

	"github.com/stretchr/testify/assert"
)

// V-07: a new password ends other sessions and older links.
func changePassword(c client) {
	p := c.registered()
	own, other := c.login(p), c.login(p)
	c.requestReset(p.email).is(http.StatusAccepted)
	reset := c.target.token(c, p.email, "reset_password")

	c.post("/password/change", own.Access, object{"current_password": newPassword(), "new_password": newPassword()}).
		refusedAt(http.StatusUnprocessableEntity, "wrong_password", "/current_password")
	c.post("/password/change", own.Access, object{"current_password": p.password, "new_password": "short"}).
		refusedAt(http.StatusUnprocessableEntity, "password_too_short", "/new_password")
	c.get("/me", other.Access).is(http.StatusOK)

	renewed := person{p.email, newPassword()}
	c.post("/password/change", own.Access, object{"current_password": p.password, "new_password": renewed.password}).
		is(http.StatusNoContent)
	c.get("/me", own.Access).is(http.StatusOK)
	own = c.refresh(own.Refresh)
	c.get("/me", own.Access).is(http.StatusOK)
	c.dead(other)
	c.confirmReset(reset, newPassword()).refused(http.StatusBadRequest, "invalid_or_expired_token")
	c.tryLogin(p).refused(http.StatusUnauthorized, "invalid_credentials")
	c.login(renewed)
	assert.Empty(c, c.target.awaitMail(c, p.email, "password_changed", 1).token)
}

func changeEmail(c client) {
	p, moved := c.registered(), newPerson()
	moved.password = p.password
	s := c.login(p)
	c.post("/email/change", s.Access, object{"new_email": moved.email, "current_password": newPassword()}).
		refusedAt(http.StatusUnprocessableEntity, "wrong_password", "/current_password")
	c.post("/email/change", s.Access, object{"new_email": "no address", "current_password": p.password}).
		refusedAt(http.StatusUnprocessableEntity, "invalid_email", "/new_email")
	c.post("/email/change", s.Access, object{"new_email": moved.email, "current_password": p.password}).is(http.StatusAccepted)

	notice := c.target.awaitMail(c, p.email, "email_changing", 1)
	assert.Contains(c, notice.text, moved.email)
	assert.Empty(c, notice.token, "the old address is told, it confirms nothing")
	token := c.target.token(c, moved.email, "change_email")
	c.tryLogin(moved).refused(http.StatusUnauthorized, "invalid_credentials")
	c.login(p)

	changed := decode[user](c.verify(token).is(http.StatusOK))
	assert.Equal(c, moved.email, changed.Email)
	assert.True(c, changed.EmailVerified)
	assert.Equal(c, changed, decode[user](c.get("/me", c.login(moved).Access).is(http.StatusOK)))
	c.tryLogin(p).refused(http.StatusUnauthorized, "invalid_credentials")
	c.verify(token).refused(http.StatusBadRequest, "invalid_or_expired_token")
}

func changeToTakenEmail(c client) {
	p, owner, free := c.registered(), c.registered(), newPerson()
	s := c.login(p)
	onto := func(email string) answer {
		return c.post("/email/change", s.Access, object{"new_email": email, "current_password": p.password}).is(http.StatusAccepted)
	}
	alike(c, onto(free.email), onto(owner.email))
	c.target.awaitMail(c, owner.email, "email_taken", 1)
	assert.Contains(c, c.target.awaitMail(c, p.email, "email_changing", 2).text, "@")
	assert.Empty(c, c.target.ofKind(c, owner.email, "change_email"), "nothing can be confirmed for a taken address")
	c.login(p)
	c.login(owner)
}

// V-09: a deleted account is gone at once.
func deleteAccount(c client) {
	p := c.registered()
	s, other := c.login(p), c.login(p)
	c.delete("/me", s.Access, object{"password": newPassword()}).
		refusedAt(http.StatusUnprocessableEntity, "wrong_password", "/password")
	c.delete("/me", s.Access, object{"password": p.password}).is(http.StatusNoContent)
	for _, gone := range []tokens{s, other} {
		c.get("/me", gone.Access).is(http.StatusUnauthorized)
		c.tryRefresh(gone.Refresh).is(http.StatusUnauthorized)
		c.post("/logout", gone.Access, nil).is(http.StatusNoContent)
	}
	c.tryLogin(p).refused(http.StatusUnauthorized, "invalid_credentials")

	c.register(p).is(http.StatusAccepted)
	c.verify(c.target.awaitMail(c, p.email, "verify_email", 2).token).is(http.StatusOK)
	c.login(p)
}
