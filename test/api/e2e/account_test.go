package e2e

import (
	"net/http"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// F-M1, V-07: a new password ends every session, the own one too, and older links. The
// client goes on in the fresh session of the answer.
func changePassword(c client) {
	p := c.registered()
	own, other := c.login(p), c.login(p)
	c.requestReset(p.email).Is(http.StatusAccepted)
	reset := c.target.token(c, p.email, "reset_password")

	c.Post("/password/change", own.Access, api.Object{"current_password": newPassword(), "new_password": newPassword()}).
		Refused(http.StatusUnprocessableEntity, "wrong_password").At("/current_password")
	c.Post("/password/change", own.Access, api.Object{"current_password": p.password, "new_password": "short"}).
		Refused(http.StatusUnprocessableEntity, "password_too_short").At("/new_password")
	c.Get("/me", other.Access).Is(http.StatusOK)

	renewed := person{p.email, newPassword()}
	fresh := api.Decode[login](c.Post("/password/change", own.Access, api.Object{"current_password": p.password, "new_password": renewed.password}).
		Is(http.StatusOK))
	c.dead(own)
	c.dead(other)
	assert.NotEqual(c, own.SessionID, fresh.SessionID)
	c.Get("/me", fresh.Access).Is(http.StatusOK)
	c.Get("/me", c.Refresh(fresh.Refresh).Access).Is(http.StatusOK)
	c.confirmReset(reset, newPassword()).Refused(http.StatusBadRequest, "invalid_or_expired_token")
	c.tryLogin(p).Refused(http.StatusUnauthorized, "invalid_credentials")
	c.login(renewed)
	assert.Empty(c, c.target.awaitMail(c, p.email, "password_changed", 1).token)
}

func changeEmail(c client) {
	p, moved := c.registered(), newPerson()
	moved.password = p.password
	s := c.login(p)
	c.Post("/email/change", s.Access, api.Object{"new_email": moved.email, "current_password": newPassword()}).
		Refused(http.StatusUnprocessableEntity, "wrong_password").At("/current_password")
	c.Post("/email/change", s.Access, api.Object{"new_email": "no address", "current_password": p.password}).
		Refused(http.StatusUnprocessableEntity, "invalid_email").At("/new_email")
	c.Post("/email/change", s.Access, api.Object{"new_email": moved.email, "current_password": p.password}).Is(http.StatusAccepted)

	notice := c.target.awaitMail(c, p.email, "email_changing", 1)
	assert.Contains(c, notice.text, moved.email)
	assert.Empty(c, notice.token, "the old address is told, it confirms nothing")
	token := c.target.token(c, moved.email, "change_email")
	c.tryLogin(moved).Refused(http.StatusUnauthorized, "invalid_credentials")
	c.login(p)

	changed := api.Decode[user](c.verify(token).Is(http.StatusOK))
	assert.Equal(c, moved.email, changed.Email)
	assert.True(c, changed.EmailVerified)
	assert.Equal(c, changed, api.Decode[user](c.Get("/me", c.login(moved).Access).Is(http.StatusOK)))
	c.tryLogin(p).Refused(http.StatusUnauthorized, "invalid_credentials")
	c.verify(token).Refused(http.StatusBadRequest, "invalid_or_expired_token")
}

// V-09: a deleted account is gone at once.
func deleteAccount(c client) {
	p := c.registered()
	s, other := c.login(p), c.login(p)
	c.Delete("/me", s.Access, api.Object{"password": newPassword()}).
		Refused(http.StatusUnprocessableEntity, "wrong_password").At("/password")
	c.Delete("/me", s.Access, api.Object{"password": p.password}).Is(http.StatusNoContent)
	for _, gone := range []api.Tokens{s, other} {
		c.Get("/me", gone.Access).Is(http.StatusUnauthorized)
		c.TryRefresh(gone.Refresh).Is(http.StatusUnauthorized)
		c.Post("/logout", gone.Access, nil).Is(http.StatusNoContent)
	}
	c.tryLogin(p).Refused(http.StatusUnauthorized, "invalid_credentials")

	c.register(p).Is(http.StatusAccepted)
	c.verify(c.target.awaitMail(c, p.email, "verify_email", 2).token).Is(http.StatusOK)
	c.login(p)
}
