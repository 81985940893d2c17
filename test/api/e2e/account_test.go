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

	// F-M5: the reader of the new address alone confirms nothing.
	c.verify(token).Refused(http.StatusForbidden, "confirmation_required")
	c.Post("/email/verify", c.login(c.registered()).Access, api.Object{"token": token}).Refused(http.StatusForbidden, "confirmation_required")
	c.Post("/email/verify", "no.token.atall", api.Object{"token": token}).Refused(http.StatusUnauthorized, "unauthenticated")
	c.confirm(token, newPassword()).Refused(http.StatusUnprocessableEntity, "wrong_password").At("/password")
	changed := api.Decode[user](c.Post("/email/verify", s.Access, api.Object{"token": token}).Is(http.StatusOK))
	assert.Equal(c, moved.email, changed.Email)
	assert.True(c, changed.EmailVerified)
	assert.Equal(c, changed, api.Decode[user](c.Get("/me", c.login(moved).Access).Is(http.StatusOK)))
	c.tryLogin(p).Refused(http.StatusUnauthorized, "invalid_credentials")
	again := api.Decode[user](c.confirm(token, p.password).Is(http.StatusOK)) // F-A19
	assert.Equal(c, changed, again)
	c.verify(token).Refused(http.StatusForbidden, "confirmation_required")
}

// F-M6: the owner of a stolen account takes it back by the mail to the former address.
func undoChangeOfEmail(c client) {
	p, thief := c.registered(), newPerson()
	stolen := c.login(p)
	c.Post("/email/change", stolen.Access, api.Object{"new_email": thief.email, "current_password": p.password}).Is(http.StatusAccepted)
	confirm := c.target.token(c, thief.email, "change_email")
	assert.NotContains(c, c.target.awaitMail(c, thief.email, "change_email", 1).text, p.email, "the address is masked")
	moved := api.Decode[user](c.confirm(confirm, p.password).Is(http.StatusOK))

	undo := c.target.token(c, p.email, "undo_email")
	c.register(person{p.email, newPassword()}).Is(http.StatusAccepted)
	assert.Empty(c, c.target.awaitMail(c, p.email, "email_held", 1).token)
	root := c.login(c.target.admin).Access
	c.Post("/admin/users", root, api.Object{"email": p.email}).Refused(http.StatusConflict, "email_taken").At("/email")
	c.Delete("/me", stolen.Access, api.Object{"password": p.password}).Refused(http.StatusConflict, "undo_open")
	renewed := api.Decode[login](c.Post("/password/change", stolen.Access, api.Object{"current_password": p.password, "new_password": newPassword()}).Is(http.StatusOK))

	back := api.Decode[user](c.Post("/email/change/undo", "", api.Object{"token": undo}).Is(http.StatusOK))
	assert.Equal(c, []any{moved.ID, p.email, true}, []any{back.ID, back.Email, back.EmailVerified})
	c.dead(stolen)
	c.dead(renewed.Tokens)
	c.tryLogin(p).Refused(http.StatusUnauthorized, "invalid_credentials")
	assert.Empty(c, c.target.awaitMail(c, thief.email, "email_restored", 1).token)
	for _, dead := range []string{undo, newPassword(), ""} {
		c.Post("/email/change/undo", "", api.Object{"token": dead}).Refused(http.StatusBadRequest, "invalid_or_expired_token")
	}
	owner := person{p.email, newPassword()}
	c.confirmReset(c.target.token(c, p.email, "reset_password"), owner.password).Is(http.StatusOK)
	c.Delete("/me", c.login(owner).Access, api.Object{"password": owner.password}).Is(http.StatusNoContent)
}

// F-M6, F-L8: an administrator moves an account, and its owner learns of it.
func changeEmailByAdmin(c client) {
	root := c.login(c.target.admin).Access
	p, moved, other := c.registered(), newPerson(), c.registered()
	s := c.login(p)
	at := path("admin", "users", api.Decode[user](c.Get("/me", s.Access).Is(http.StatusOK)).ID)
	c.Patch(at, root, api.Object{"email": other.email}).Refused(http.StatusConflict, "email_taken").At("/email")
	c.Patch(at, root, api.Object{"email": "no address"}).Refused(http.StatusUnprocessableEntity, "invalid_email").At("/email")
	set := api.Decode[user](c.Patch(at, root, api.Object{"email": moved.email}).Is(http.StatusOK))
	assert.Equal(c, moved.email, set.Email)
	assert.False(c, set.EmailVerified)
	c.dead(s)
	moved.password = p.password
	c.tryLogin(moved).Refused(http.StatusForbidden, "email_not_verified")
	assert.NotEmpty(c, c.target.token(c, p.email, "undo_email"))
	c.verify(c.target.token(c, moved.email, "verify_email")).Is(http.StatusOK)
	c.login(moved)
	c.Patch(path("admin", "users", api.Decode[user](c.Get("/me", root).Is(http.StatusOK)).ID), root, api.Object{"email": newPerson().email}).
		Refused(http.StatusConflict, "last_admin")
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
	again := c.login(p)

	// F-A18: some clients and proxies drop the body of a DELETE.
	by := func(token, password string) api.Answer {
		return c.Post("/me/delete", token, api.Object{"password": password})
	}
	by("", p.password).Refused(http.StatusUnauthorized, "unauthenticated")
	by(again.Access, newPassword()).Refused(http.StatusUnprocessableEntity, "wrong_password").At("/password")
	c.Post("/me/delete", again.Access, nil).Refused(http.StatusBadRequest, "body_missing")
	root := c.login(c.target.admin).Access
	by(root, c.target.admin.password).Refused(http.StatusConflict, "last_admin")
	id := api.Decode[user](c.Get("/me", again.Access).Is(http.StatusOK)).ID
	by(again.Access, p.password).Is(http.StatusNoContent)
	c.Get("/me", again.Access).Is(http.StatusUnauthorized)
	c.tryLogin(p).Refused(http.StatusUnauthorized, "invalid_credentials")
	assert.Equal(c, "user_deleted", withoutMails(allEvents(c, "/admin/audit?limit=50&subject_id="+id, root))[0].Type)
}
