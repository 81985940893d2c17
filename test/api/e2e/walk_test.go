package e2e

import (
	"net/http"

	"github.com/stretchr/testify/assert"
)

// S-34, S-35: the usual actions of a new user. Sessions are new, belong to the
// user, and can be ended one by one.
func strangersWalk(c client) {
	p := newPerson()
	c.register(p).is(http.StatusAccepted)
	c.tryLogin(p).refused(http.StatusForbidden, "email_not_verified")
	c.tryLogin(person{p.email, newPassword()}).refused(http.StatusUnauthorized, "invalid_credentials")

	confirmed := decode[user](c.verify(c.target.token(c, p.email, "verify_email")).is(http.StatusOK))
	assert.True(c, confirmed.EmailVerified)
	first := c.login(p)
	me := decode[user](c.get("/me", first.Access).is(http.StatusOK))
	assert.Equal(c, confirmed, me)
	assert.Equal(c, user{ID: me.ID, Email: p.email, Role: "user", Status: "active", EmailVerified: true, CreatedAt: me.CreatedAt}, me)

	next := c.refresh(first.Refresh)
	assert.Equal(c, first.SessionID, next.SessionID)
	assert.NotEqual(c, first.Refresh, next.Refresh)
	for i := range 4 {
		again := c.on(i).refresh(first.Refresh)
		assert.Equal(c, next, again, "a lost answer may be asked for again, on any replica")
	}
	c.get("/me", next.Access).is(http.StatusOK)

	other := c.login(p)
	list := decode[sessions](c.get("/sessions", next.Access).is(http.StatusOK))
	assert.Equal(c, []string{other.SessionID, first.SessionID}, list.ids(), "the newest login first")
	for _, s := range list.Sessions {
		assert.Equal(c, s.ID == first.SessionID, s.Current)
		assert.Equal(c, "127.0.0.1", s.IP)
		assert.Equal(c, "e2e", s.UserAgent)
	}
	c.delete(path("sessions", other.SessionID), next.Access, nil).is(http.StatusNoContent)
	c.dead(other)
	c.delete(path("sessions", other.SessionID), next.Access, nil).refused(http.StatusNotFound, "session_not_found")

	c.post("/logout", next.Access, nil).is(http.StatusNoContent)
	c.dead(next)
	c.post("/logout", next.Access, nil).is(http.StatusNoContent)
	c.post("/logout", next.Refresh, nil).is(http.StatusNoContent)
	assert.Len(c, c.target.mails(c, p.email), 1, "the mail was sent once, and nothing here was a theft")
}
