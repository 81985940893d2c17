package e2e

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// S-29, S-36, V-09: only this scenario changes which users are administrators, so
// the first administrator is the last one in all others.
func administration(c client) {
	root := c.login(c.target.admin).Access
	self := decode[user](c.get("/me", root).is(http.StatusOK))
	assert.Equal(c, "admin", self.Role)

	invited := invite(c, root)
	member := c.login(invited)
	id := decode[user](c.get("/me", member.Access).is(http.StatusOK)).ID
	at := path("admin", "users", id)
	c.get(at, member.Access).refused(http.StatusForbidden, "forbidden")
	c.get(at, "").refused(http.StatusUnauthorized, "unauthenticated")

	// Roles hold from the next request on, with the same token.
	promoted := decode[user](c.do(http.MethodPatch, at, root, object{"role": "admin"}).is(http.StatusOK))
	assert.Equal(c, "admin", promoted.Role)
	c.get(at, member.Access).is(http.StatusOK)
	c.do(http.MethodPatch, at, root, object{"role": "user"}).is(http.StatusOK)
	c.get(at, member.Access).refused(http.StatusForbidden, "forbidden")
	c.do(http.MethodPatch, at, root, object{"role": "king"}).is(http.StatusUnprocessableEntity)

	other := c.login(invited)
	list := decode[sessions](c.get(at+"/sessions", root).is(http.StatusOK))
	assert.Equal(c, []string{other.SessionID, member.SessionID}, list.ids())
	c.delete(at+"/sessions", root, nil).is(http.StatusNoContent)
	c.dead(member)
	c.dead(other)

	member = c.login(invited)
	c.do(http.MethodPatch, at, root, object{"status": "disabled"}).is(http.StatusOK)
	c.get("/me", member.Access).is(http.StatusUnauthorized)
	c.tryRefresh(member.Refresh).is(http.StatusUnauthorized)
	c.tryLogin(invited).refused(http.StatusForbidden, "account_disabled")
	c.tryLogin(person{invited.email, newPassword()}).refused(http.StatusUnauthorized, "invalid_credentials")
	c.do(http.MethodPatch, at, root, object{"status": "active"}).is(http.StatusOK)
	c.get("/me", member.Access).is(http.StatusUnauthorized)
	member = c.login(invited)

	c.delete(at, root, nil).is(http.StatusNoContent)
	c.get("/me", member.Access).is(http.StatusUnauthorized)
	for _, unknown := range []string{at, path("admin", "users", "not-an-id"), at + "/sessions"} {
		c.get(unknown, root).refused(http.StatusNotFound, "user_not_found")
	}
	c.delete(at, root, nil).refused(http.StatusNotFound, "user_not_found")
	lastAdmin(c, root, self)
}

// invite invites a new user, who accepts.
func invite(c client, root string) person {
	c.Helper()
	p := newPerson()
	created := decode[user](c.post("/admin/users", root, object{"email": p.email}).is(http.StatusCreated))
	assert.Equal(c, user{ID: created.ID, Email: p.email, Role: "user", Status: "active", CreatedAt: created.CreatedAt}, created)
	c.post("/admin/users", root, object{"email": p.email}).refusedAt(http.StatusConflict, "email_taken", "/email")
	c.tryLogin(p).refused(http.StatusUnauthorized, "invalid_credentials")
	c.confirmReset(c.target.token(c, p.email, "invitation"), p.password).is(http.StatusNoContent)
	return p
}

func lastAdmin(c client, root string, self user) {
	c.Helper()
	at := path("admin", "users", self.ID)
	c.do(http.MethodPatch, at, root, object{"role": "user"}).refused(http.StatusConflict, "last_admin")
	c.do(http.MethodPatch, at, root, object{"status": "disabled"}).refused(http.StatusConflict, "last_admin")
	c.delete(at, root, nil).refused(http.StatusConflict, "last_admin")
	c.delete("/me", root, object{"password": c.target.admin.password}).refused(http.StatusConflict, "last_admin")
	assert.Equal(c, self, decode[user](c.get("/me", root).is(http.StatusOK)))
	admins := decode[users](c.get("/admin/users?role=admin", root).is(http.StatusOK))
	require.Len(c, admins.Users, 1)
	assert.Equal(c, self.ID, admins.Users[0].ID)
}

func pagesOfUsers(c client) {
	root := c.login(c.target.admin).Access
	prefix := strings.TrimSuffix(newPerson().email, "@example.com")
	var emails []string
	for _, letter := range []string{"a", "b", "c", "d", "e"} {
		p := person{prefix + letter + "@example.com", newPassword()}
		emails = append(emails, p.email)
		c.post("/admin/users", root, object{"email": p.email, "password": p.password, "email_verified": letter != "c"}).is(http.StatusCreated)
		if letter != "c" {
			c.login(p)
		}
	}
	ask := func(query string) users {
		c.Helper()
		return decode[users](c.get("/admin/users?q="+prefix+query, root).is(http.StatusOK))
	}
	listed := func(query string) []string {
		c.Helper()
		var found []string
		for cursor := ""; ; {
			page := ask("&limit=2" + query + cursor)
			for _, u := range page.Users {
				found = append(found, u.Email)
			}
			if page.Next == "" {
				return found
			}
			assert.Len(c, page.Users, 2)
			cursor = "&cursor=" + page.Next
		}
	}
	assert.Equal(c, emails, listed("&sort=email"))
	assert.ElementsMatch(c, emails, listed(""))
	assert.ElementsMatch(c, emails, listed("&sort=created_at&status=active&role=user"))
	assert.Equal(c, []string{emails[2]}, listed("&verified=false"))
	assert.Empty(c, listed("&status=disabled"))
	assert.Empty(c, listed("&created_after=2999-01-01T00:00:00Z"))
	assert.Len(c, listed("&created_before=2999-01-01T00:00:00Z"), 5)

	cursor := ask("&limit=2&sort=email").Next
	c.get("/admin/users?q="+prefix+"&limit=2&sort=-email&cursor="+cursor, root).refused(http.StatusBadRequest, "invalid_cursor")
	for _, query := range []string{"limit=0", "limit=201", "sort=password_hash", "unknown=1", "role=admin&role=user", "verified=maybe", "created_after=yesterday"} {
		c.get("/admin/users?"+query, root).is(http.StatusUnprocessableEntity)
	}
}
