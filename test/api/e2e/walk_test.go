package e2e

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// S-34, S-35: the usual actions of a new user. Sessions are new, belong to the
// user, and can be ended one by one.
func strangersWalk(c client) {
	p := newPerson()
	c.register(p).Is(http.StatusAccepted)
	c.tryLogin(p).Refused(http.StatusForbidden, "email_not_verified")
	c.tryLogin(person{p.email, newPassword()}).Refused(http.StatusUnauthorized, "invalid_credentials")

	confirmed := api.Decode[user](c.verify(c.target.token(c, p.email, "verify_email")).Is(http.StatusOK))
	assert.True(c, confirmed.EmailVerified)
	whole := api.Decode[login](c.tryLogin(p).Is(http.StatusOK))
	assert.Equal(c, login{whole.Tokens, "Bearer", 30 * 60, 7 * 24 * 60 * 60, whole.Device}, whole)
	first := whole.Tokens
	me := api.Decode[user](c.Get("/me", first.Access).Is(http.StatusOK))
	assert.Equal(c, confirmed, me)
	assert.Equal(c, user{ID: me.ID, Email: p.email, Role: "user", Status: "active", EmailVerified: true, CreatedAt: me.CreatedAt}, me)

	next := c.Refresh(first.Refresh)
	assert.Equal(c, first.SessionID, next.SessionID)
	assert.NotEqual(c, first.Refresh, next.Refresh)
	for i := range 4 {
		again := c.on(i).Refresh(first.Refresh)
		assert.Equal(c, next, again, "a lost answer may be asked for again, on any replica")
	}
	c.Get("/me", next.Access).Is(http.StatusOK)

	other := c.login(p)
	list := api.Decode[sessions](c.Get("/sessions", next.Access).Is(http.StatusOK))
	assert.Equal(c, []string{other.SessionID, first.SessionID}, list.ids(), "the newest login first")
	for _, s := range list.Sessions {
		assert.Equal(c, s.ID == first.SessionID, s.Current)
		assert.Equal(c, "127.0.0.1", s.IP)
		assert.Equal(c, "e2e", s.UserAgent)
		assert.False(c, s.LastSeenAt.Before(s.CreatedAt))
		assert.Equal(c, 7*24*time.Hour, s.ExpiresAt.Sub(s.LastSeenAt))
	}
	c.Delete(path("sessions", other.SessionID), next.Access, nil).Is(http.StatusNoContent)
	c.dead(other)
	c.Delete(path("sessions", other.SessionID), next.Access, nil).Refused(http.StatusNotFound, "session_not_found")

	c.Post("/logout", next.Access, nil).Is(http.StatusNoContent)
	c.dead(next)
	c.Post("/logout", next.Access, nil).Is(http.StatusNoContent)
	c.Post("/logout", next.Refresh, nil).Is(http.StatusNoContent)
	assert.Len(c, c.target.mails(c, p.email), 1, "the mail was sent once, and nothing here was a theft")
}
