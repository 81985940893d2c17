package e2e

import (
	"net/http"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// refusedLogin is the answer to a login that must replace the password.
type refusedLogin struct {
	Code      string `json:"code"`
	Challenge string `json:"challenge"`
}

// limits are the limits with a use.
type limits struct {
	Limits []struct {
		Limit string `json:"limit"`
		Of    string `json:"of"`
	} `json:"limits"`
}

// S-13: what support does for a user, and what it may not do.
func supportHelps(c client) {
	root := c.login(c.target.admin).Access
	boss := api.Decode[user](c.Get("/me", root).Is(http.StatusOK)).ID
	sue := invite(c, root)
	token := c.login(sue).Access
	own := api.Decode[user](c.Get("/me", token).Is(http.StatusOK)).ID
	c.Get("/admin/users", token).Refused(http.StatusForbidden, "forbidden")
	promoted := api.Decode[user](c.Patch(path("admin", "users", own), root, api.Object{"role": "support"}).Is(http.StatusOK))
	assert.Equal(c, "support", promoted.Role)

	// It reads everything.
	p := c.registered()
	first, second := c.login(p), c.login(p)
	id := api.Decode[user](c.Get("/me", first.Access).Is(http.StatusOK)).ID
	at := path("admin", "users", id)
	c.Get(at, token).Is(http.StatusOK)
	c.Get("/admin/audit?subject_id="+id, token).Is(http.StatusOK)
	list := api.Decode[users](c.Get("/admin/users?id="+id+"&id="+boss, token).Is(http.StatusOK))
	require.Len(c, list.Users, 2)
	assert.Equal(c, []string{id, boss}, []string{list.Users[0].ID, list.Users[1].ID})
	c.Get("/forward-auth?role=support", token).Is(http.StatusNoContent)
	c.Get("/forward-auth?role=support", root).Is(http.StatusNoContent)
	c.Get("/forward-auth?role=admin", token).Refused(http.StatusForbidden, "forbidden")
	c.Get("/forward-auth?role=support", first.Access).Refused(http.StatusForbidden, "forbidden")

	// It helps plain users, and changes nothing.
	c.Delete(at+path("sessions", second.SessionID), token, nil).Is(http.StatusNoContent)
	c.dead(second)
	c.Get("/me", first.Access).Is(http.StatusOK)
	c.Delete(at+path("sessions", second.SessionID), token, nil).Refused(http.StatusNotFound, "session_not_found")
	c.Post(at+"/mails", token, api.Object{"mail": "reset_password"}).Is(http.StatusAccepted)
	c.Post(at+"/mails", token, api.Object{"mail": "verify_email"}).Refused(http.StatusConflict, "mail_not_due")
	c.Delete("/admin/limits?user_id="+id, token, nil).Is(http.StatusOK)
	c.Get("/admin/limits", token).Refused(http.StatusUnprocessableEntity, "invalid_parameter")
	for _, staff := range []string{boss, own} {
		c.Delete(path("admin", "users", staff, "sessions"), token, nil).Refused(http.StatusForbidden, "forbidden")
		c.Post(path("admin", "users", staff, "mails"), token, api.Object{"mail": "reset_password"}).Refused(http.StatusForbidden, "forbidden")
		c.Delete("/admin/limits?user_id="+staff, token, nil).Refused(http.StatusForbidden, "forbidden")
	}
	c.Patch(at, token, api.Object{"status": "disabled"}).Refused(http.StatusForbidden, "forbidden")
	c.Delete(at, token, nil).Refused(http.StatusForbidden, "forbidden")
	c.Post("/admin/users", token, api.Object{"email": newPerson().email}).Refused(http.StatusForbidden, "forbidden")
	c.Delete(at+"/sessions", token, nil).Is(http.StatusNoContent)
	c.dead(first)
}

// An administrator demands a new password, confirms an address by hand and disables an account
// for a reason that only staff see.
func administratorsDecide(c client) {
	root := c.login(c.target.admin).Access
	p := c.registered()
	before := c.login(p)
	id := api.Decode[user](c.Get("/me", before.Access).Is(http.StatusOK)).ID
	at := path("admin", "users", id)
	c.Patch(at, root, api.Object{"password_change_required": true}).Is(http.StatusOK)
	c.dead(before)
	c.tryLogin(person{p.email, newPassword()}).Refused(http.StatusUnauthorized, "invalid_credentials")
	refused := api.Decode[refusedLogin](c.tryLogin(p).Is(http.StatusForbidden))
	require.Equal(c, "password_change_required", refused.Code)
	next := person{p.email, newPassword()}
	c.Post("/login/password", "", api.Object{"challenge": refused.Challenge, "new_password": p.password}).
		Refused(http.StatusUnprocessableEntity, "same_password").At("/new_password")
	tokens := api.Decode[login](c.Post("/login/password", "", api.Object{"challenge": refused.Challenge, "new_password": next.password}).Is(http.StatusOK))
	c.Get("/me", tokens.Access).Is(http.StatusOK)
	c.Post("/login/password", "", api.Object{"challenge": refused.Challenge, "new_password": newPassword()}).
		Refused(http.StatusUnauthorized, "invalid_credentials")
	c.Refresh(c.login(next).Refresh)

	c.Patch(at, root, api.Object{"status": "active", "reason": "None."}).Refused(http.StatusUnprocessableEntity, "invalid_parameter").At("/reason")
	disabled := c.Patch(at, root, api.Object{"status": "disabled", "reason": "Spam; case 4711."}).Is(http.StatusOK)
	assert.Contains(c, string(disabled.Body), "Spam; case 4711.")
	assert.Contains(c, string(c.Get("/admin/audit?subject_id="+id, root).Is(http.StatusOK).Body), "Spam; case 4711.")
	c.Patch(at, root, api.Object{"status": "active"}).Is(http.StatusOK)
	for _, address := range []string{"/me", "/me/activity", "/me/export"} {
		assert.NotContains(c, string(c.Get(address, c.login(next).Access).Is(http.StatusOK).Body), "Spam; case")
	}

	unconfirmed := newPerson()
	c.register(unconfirmed).Is(http.StatusAccepted)
	found := api.Decode[users](c.Get("/admin/users?q="+unconfirmed.email, root).Is(http.StatusOK))
	require.Len(c, found.Users, 1)
	c.Patch(path("admin", "users", found.Users[0].ID), root, api.Object{"email_verified": true}).Is(http.StatusOK)
	c.login(unconfirmed)
	assert.NotNil(c, api.Decode[limits](c.Get("/admin/limits?email="+unconfirmed.email, root).Is(http.StatusOK)).Limits)
}
