package e2e

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// exportAndErase gives users everything that is stored about them, and removes it
// when they leave. An anonymous trail of events remains.
func exportAndErase(c client) {
	agent := "agent-" + rand.Text()
	c = c.with("User-Agent", agent)
	p := c.registered()
	s := c.login(p)
	c.Post("/logout", c.login(p).Access, nil).Is(http.StatusNoContent)
	moved := newPerson().email
	c.Post("/email/change", s.Access, api.Object{"new_email": moved, "current_password": p.password}).Is(http.StatusAccepted)
	c.target.awaitMail(c, moved, "change_email", 1)
	export := c.Get("/me/export", s.Access).Is(http.StatusOK)
	assert.Equal(c, `attachment; filename="account.json"`, export.Header.Get("Content-Disposition"))
	all := api.Decode[struct {
		User     user
		Sessions []session
		Tokens   []struct {
			Purpose, Email string
			NewEmail       string    `json:"new_email"`
			CreatedAt      time.Time `json:"created_at"`
			ExpiresAt      time.Time `json:"expires_at"`
			UsedAt         time.Time `json:"used_at"`
		}
		Events    []event
		Truncated *bool `json:"events_truncated"`
	}](export)
	assert.Equal(c, api.Decode[user](c.Get("/me", s.Access)), all.User)
	assert.Len(c, all.Sessions, 2)
	ended := map[string]string{}
	for _, one := range all.Sessions {
		ended[one.RevokeReason] = one.ID
		assert.Equal(c, []string{agent, "127.0.0.1"}, []string{one.UserAgent, one.IP})
		assert.Equal(c, 7*24*time.Hour, one.ExpiresAt.Sub(one.LastSeenAt))
		assert.Equal(c, 30*24*time.Hour, one.AbsoluteEnd.Sub(one.CreatedAt))
		assert.Equal(c, []string{"pwd"}, one.Methods)
		assert.False(c, one.AuthTime.IsZero() || one.AuthTime.After(one.CreatedAt))
		assert.Equal(c, one.RevokeReason == "logout", !one.RevokedAt.IsZero())
	}
	assert.Equal(c, s.SessionID, ended[""])
	assert.Contains(c, ended, "logout")
	require.Len(c, all.Tokens, 2)
	assert.Equal(c, []string{"change_email", p.email, moved}, []string{all.Tokens[0].Purpose, all.Tokens[0].Email, all.Tokens[0].NewEmail})
	assert.Equal(c, []string{"verify_email", p.email, ""}, []string{all.Tokens[1].Purpose, all.Tokens[1].Email, all.Tokens[1].NewEmail})
	assert.True(c, all.Tokens[0].UsedAt.IsZero())
	assert.False(c, all.Tokens[1].UsedAt.Before(all.Tokens[1].CreatedAt))
	assert.Equal(c, 24*time.Hour, all.Tokens[1].ExpiresAt.Sub(all.Tokens[1].CreatedAt))
	assert.Equal(c, new(bool), all.Truncated)
	assert.Equal(c, []string{"email_change_requested", "logged_out", "logged_in", "logged_in", "email_verified", "registered"}, events{Events: withoutMails(all.Events)}.types())
	for _, secret := range []string{"hash", "password", "refresh_token", "access_token", "secret"} {
		assert.NotContains(c, strings.ToLower(string(export.Body)), secret, "S-44")
	}

	c.Delete("/me", s.Access, api.Object{"password": p.password}).Is(http.StatusNoContent)
	root := c.with("User-Agent", "e2e").login(c.target.admin).Access
	left := allEvents(c, "/admin/audit?limit=50&subject_id="+all.User.ID, root)
	assert.Equal(c, append([]string{"user_deleted", "account_exported"}, events{Events: withoutMails(all.Events)}.types()...), events{Events: withoutMails(left)}.types())
	for _, e := range left {
		assert.Empty(c, e.IP+e.UserAgent, e.Type)
	}
	if c.target.rows == nil {
		return // in memory there is no database to search
	}
	for line := range strings.Lines(c.target.rows(c)) {
		if strings.Contains(line, "account_closed") || strings.Contains(line, "email_changing") {
			continue // notices, whose jobs go ten minutes after they were sent
		}
		assert.NotContains(c, line, p.email)
		assert.NotContains(c, line, moved)
		assert.NotContains(c, line, agent)
	}
}

// nothingCounted proves V-19: a user who is not an administrator learns neither
// the number of users nor their order, and administrators see only pages.
func nothingCounted(c client) {
	p, next := c.registered(), c.registered()
	s := c.login(p)
	for _, from := range []string{"/me", "/sessions", "/me/activity", "/me/export", "/test/protected", "/test/public"} {
		a := c.Get(from, s.Access).Is(http.StatusOK)
		for _, word := range []string{`"total`, `"count`, `total"`, `count"`} {
			assert.NotContains(c, string(a.Body), word, from)
		}
		for name := range a.Header {
			assert.NotContains(c, strings.ToLower(name), "count", from)
		}
	}
	for _, forbidden := range []string{"/admin/users", "/admin/audit"} {
		c.Get(forbidden, s.Access).Refused(http.StatusForbidden, "forbidden")
		c.Get(forbidden, "").Refused(http.StatusUnauthorized, "unauthenticated")
	}
	one, other := api.Decode[user](c.Get("/me", s.Access)).ID, api.Decode[user](c.Get("/me", c.login(next).Access)).ID
	assert.Regexp(c, `^[0-9a-f]{8}-[0-9a-f]{4}-7`, one)
	assert.NotEqual(c, one[19:], other[19:], "the part that is random")
	root := c.login(c.target.admin).Access
	page := c.Get("/admin/users?limit=1", root).Is(http.StatusOK)
	assert.NotContains(c, string(page.Body), "total")
	metrics := string(c.page("/metrics").Is(http.StatusOK).Body)
	assert.NotRegexp(c, `(?m)^auth_users`, metrics)
}
