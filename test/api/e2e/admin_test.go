package e2e

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// S-29, S-36, V-09: only this scenario changes which users are administrators, so
// the first administrator is the last one in all others.
func administration(c client) {
	root := c.login(c.target.admin).Access
	self := api.Decode[user](c.Get("/me", root).Is(http.StatusOK))
	assert.Equal(c, "admin", self.Role)

	invited := invite(c, root)
	member := c.login(invited)
	id := api.Decode[user](c.Get("/me", member.Access).Is(http.StatusOK)).ID
	at := path("admin", "users", id)
	c.Get(at, member.Access).Refused(http.StatusForbidden, "forbidden")
	c.Get(at, "").Refused(http.StatusUnauthorized, "unauthenticated")

	// Roles hold from the next request on, with the same token.
	promoted := api.Decode[user](c.Patch(at, root, api.Object{"role": "admin"}).Is(http.StatusOK))
	assert.Equal(c, "admin", promoted.Role)
	c.Get(at, member.Access).Is(http.StatusOK)
	c.Patch(at, root, api.Object{"role": "user"}).Is(http.StatusOK)
	c.Get(at, member.Access).Refused(http.StatusForbidden, "forbidden")
	c.Patch(at, root, api.Object{"role": "king"}).Refused(http.StatusUnprocessableEntity, "invalid_role").At("/role")
	c.Patch(at, root, api.Object{"status": "gone"}).Refused(http.StatusUnprocessableEntity, "invalid_status").At("/status")
	c.Patch(at, root, api.Object{"role": "root", "status": "gone"}).Refused(http.StatusUnprocessableEntity, "validation_failed").At("/status")

	other := c.login(invited)
	list := api.Decode[sessions](c.Get(at+"/sessions", root).Is(http.StatusOK))
	assert.Equal(c, []string{other.SessionID, member.SessionID}, list.ids())
	c.Delete(at+"/sessions", root, nil).Is(http.StatusNoContent)
	c.dead(member)
	c.dead(other)

	member = c.login(invited)
	c.Patch(at, root, api.Object{"status": "disabled"}).Is(http.StatusOK)
	c.Get("/me", member.Access).Is(http.StatusUnauthorized)
	c.TryRefresh(member.Refresh).Is(http.StatusUnauthorized)
	c.tryLogin(invited).Refused(http.StatusForbidden, "account_disabled")
	c.tryLogin(person{invited.email, newPassword()}).Refused(http.StatusUnauthorized, "invalid_credentials")
	c.Patch(at, root, api.Object{"status": "active"}).Is(http.StatusOK)
	c.Get("/me", member.Access).Is(http.StatusUnauthorized)
	member = c.login(invited)

	c.Delete(at, root, nil).Is(http.StatusNoContent)
	c.Get("/me", member.Access).Is(http.StatusUnauthorized)
	for _, unknown := range []string{at, path("admin", "users", "not-an-id"), at + "/sessions"} {
		c.Get(unknown, root).Refused(http.StatusNotFound, "user_not_found")
	}
	c.Delete(at, root, nil).Refused(http.StatusNotFound, "user_not_found")
	c.Delete("/me", root, api.Object{"password": c.target.admin.password}).Refused(http.StatusConflict, "last_admin")
	assert.Equal(c, self, api.Decode[user](c.Get("/me", root).Is(http.StatusOK)))
}

// invite invites a new user and accepts the invitation.
func invite(c client, root string) person {
	c.Helper()
	p := newPerson()
	created := api.Decode[user](c.Post("/admin/users", root, api.Object{"email": p.email}).Is(http.StatusCreated))
	assert.Equal(c, user{ID: created.ID, Email: p.email, Role: "user", Status: "active", CreatedAt: created.CreatedAt}, created)
	c.Post("/admin/users", root, api.Object{"email": p.email}).Refused(http.StatusConflict, "email_taken").At("/email")
	c.tryLogin(p).Refused(http.StatusUnauthorized, "invalid_credentials")
	c.confirmReset(c.target.token(c, p.email, "invitation"), p.password).Is(http.StatusOK)
	return p
}

func pagesOfUsers(c client) {
	root := c.login(c.target.admin).Access
	prefix := strings.TrimSuffix(newPerson().email, "@example.com")
	var emails []string
	for _, letter := range []string{"a", "b", "c", "d", "e"} {
		p := person{prefix + letter + "@example.com", newPassword()}
		emails = append(emails, p.email)
		c.Post("/admin/users", root, api.Object{"email": p.email, "password": p.password, "email_verified": letter != "c"}).Is(http.StatusCreated)
		if letter != "c" {
			c.login(p)
		}
	}
	ask := func(query string) users {
		c.Helper()
		return api.Decode[users](c.Get("/admin/users?q="+prefix+query, root).Is(http.StatusOK))
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
	part := func(query string) (found []string) {
		for _, u := range api.Decode[users](c.Get("/admin/users?sort=email&"+query, root).Is(http.StatusOK)).Users {
			found = append(found, u.Email)
		}
		return found
	}
	assert.Equal(c, emails, part("contains="+prefix[2:]))
	assert.Equal(c, emails[2:3], part("domain=EXAMPLE.com&contains="+strings.ToUpper(prefix[1:])+"C@"))
	assert.Empty(c, part("domain=example.org&q="+prefix))
	c.Get("/admin/users?contains=ab", root).Refused(http.StatusUnprocessableEntity, "validation_failed").At("/contains")
	c.Get("/admin/users?domain=a@b", root).Refused(http.StatusUnprocessableEntity, "invalid_parameter").At("/domain")
	assert.ElementsMatch(c, emails, listed(""))
	assert.ElementsMatch(c, emails, listed("&sort=created_at&status=active&role=user"))
	assert.Equal(c, []string{emails[2]}, listed("&verified=false"))
	assert.Empty(c, listed("&status=disabled"))
	assert.Empty(c, listed("&created_after=2999-01-01T00:00:00Z"))
	assert.Len(c, listed("&created_before=2999-01-01T00:00:00Z"), 5)

	// F-A03, F-R9: an unescaped plus sign is one, and a range begins with its first time.
	tagged := api.Decode[user](c.Post("/admin/users", root, api.Object{"email": prefix + "+tag@example.com", "password": newPassword(), "email_verified": true}).Is(http.StatusCreated))
	for query, want := range map[string][]user{
		"+tag@example.com": {tagged}, "%2Btag@": {tagged}, "%20tag": {tagged}, "+": {tagged}, "++": {},
		"+&created_after=" + tagged.CreatedAt: {tagged}, "+&created_before=" + tagged.CreatedAt: {},
		"+&created_after=" + strings.TrimSuffix(tagged.CreatedAt, "Z") + "+00:00": {tagged}, "+&created_after=" + strings.TrimSuffix(tagged.CreatedAt, "Z") + "%2B00:00": {tagged},
	} {
		assert.Equal(c, want, ask(query).Users, query)
	}

	cursor := ask("&limit=2&sort=email").Next
	c.Get("/admin/users?q="+prefix+"&limit=2&sort=-email&cursor="+cursor, root).Refused(http.StatusBadRequest, "invalid_cursor")
	// A parameter is pointed at in the same way, whether its form or its meaning is
	// refused. test/api/badinput has the rest.
	for query, want := range map[string][2]string{
		"limit=0":                  {"validation_failed", "/limit"},
		"q=%C3%A4":                 {"invalid_parameter", "/q"},
		"created_after=yesterday":  {"invalid_parameter", "/created_after"},
		"created_before=yesterday": {"invalid_parameter", "/created_before"},
		"role=root":                {"invalid_role", "/role"},
		"status=gone":              {"invalid_status", "/status"},
	} {
		a := c.Get("/admin/users?"+query, root).Refused(http.StatusUnprocessableEntity, want[0])
		require.Len(c, a.Errors, 1, query)
		assert.Equal(c, want[1], a.Errors[0].Pointer, query)
	}
}
