package e2e

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// everything causes every type of event, and returns how often each one occurs.
func everything(c client) map[string]int {
	c.Helper()
	root := c.login(c.target.admin)
	c.register(newPerson()).Is(http.StatusAccepted) // registered
	dropped := newPerson()
	c.register(dropped).Is(http.StatusAccepted)
	c.register(person{dropped.email, newPassword()}).Is(http.StatusAccepted) // registered_again, password_dropped
	p := c.registered()                                                      // registered, email_verified
	c.tryLogin(person{p.email, newPassword()}).Refused(http.StatusUnauthorized, "invalid_credentials")
	c.tryLogin(newPerson()).Refused(http.StatusUnauthorized, "invalid_credentials")
	first, second := c.login(p), c.login(p)
	c.Delete(path("sessions", second.SessionID), first.Access, nil).Is(http.StatusNoContent)
	next := c.Refresh(first.Refresh)
	c.TryRefresh(first.Refresh).Refused(http.StatusUnauthorized, "refresh_token_reused")
	c.Get("/me", next.Access).Is(http.StatusUnauthorized)
	s := c.login(p)
	c.Delete("/me", s.Access, api.Object{"password": newPassword()}).Is(http.StatusUnprocessableEntity) // password_refused
	renewed := person{p.email, newPassword()}
	c.Post("/password/change", s.Access, api.Object{"current_password": p.password, "new_password": renewed.password}).Is(http.StatusNoContent)
	c.requestReset(p.email).Is(http.StatusAccepted)
	c.confirmReset(c.target.token(c, p.email, "reset_password"), p.password).Is(http.StatusNoContent)
	s = c.login(p)
	moved := newPerson().email
	c.Post("/email/change", s.Access, api.Object{"new_email": moved, "current_password": p.password}).Is(http.StatusAccepted)
	id := api.Decode[user](c.verify(c.target.token(c, moved, "change_email")).Is(http.StatusOK)).ID
	c.Post("/logout", s.Access, nil).Is(http.StatusNoContent)
	s = c.login(person{moved, p.password})
	c.Post("/logout-all", s.Access, nil).Is(http.StatusOK)
	at := path("admin", "users", id)
	c.Patch(at, root.Access, api.Object{"role": "admin"}).Is(http.StatusOK)
	c.Patch(at, root.Access, api.Object{"status": "disabled"}).Is(http.StatusOK)
	c.Delete(at, root.Access, nil).Is(http.StatusNoContent)
	c.Post("/admin/users", root.Access, api.Object{"email": newPerson().email}).Is(http.StatusCreated)
	for range 3 {
		c.verify(newPassword())
	}
	return map[string]int{
		"registered": 3, "registered_again": 1, "password_dropped": 1, "email_verified": 1, "login_refused": 2, "logged_in": 6,
		"session_revoked": 1, "refresh_token_reused": 1, "password_refused": 1, "password_changed": 1, "password_reset": 1,
		"email_changed": 1, "logged_out": 1, "sessions_ended": 1, "role_changed": 1, "status_changed": 1, "user_deleted": 1,
		"user_created": 1,
		"rate_limited": 1,
	}
}

// S-45: the log has one line of JSON for each event, with actor, action, time,
// source and request. S-46: it has no secrets.
func TestLog_HasOneLineForEachEvent(t *testing.T) {
	t.Parallel()
	tg := localWith(t, cheap().With("LOG_FORMAT", "json", "REFRESH_GRACE_SECONDS", "0", "RATE_LIMIT_TOKEN_IP", "4/10h"))
	want := everything(tg.client(t))
	root := tg.client(t).login(tg.admin)
	want["logged_in"]++

	program.Eventually(t, "the log has the last event", func() bool {
		return strings.Contains(tg.log.String(), root.SessionID)
	})
	got := map[string]int{}
	for line := range strings.Lines(tg.log.String()) {
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &entry), line)
		if entry["msg"] != "audit" {
			continue
		}
		kind, _ := entry["event"].(string)
		got[kind]++
		stamp, _ := entry["time"].(string)
		at, err := time.Parse(time.RFC3339Nano, stamp)
		require.NoError(t, err, line)
		assert.Equal(t, time.UTC, at.Location(), line)
		assert.Contains(t, []any{"success", "refused"}, entry["outcome"], line)
		assert.Equal(t, "127.0.0.1", entry["client_ip"], line)
		for _, field := range []string{"id", "request_id", "user_agent"} {
			assert.NotEmpty(t, entry[field], "%s of %s", field, line)
		}
		if kind != "rate_limited" && kind != "login_refused" {
			assert.NotEmpty(t, entry["subject_id"], line)
		}
		assert.NotContains(t, line, "@", "an address of mail")
	}
	assert.Equal(t, want, got)
	for _, known := range domain.EventTypes() {
		if known != domain.EventUsersExported { // which the command line alone causes
			assert.Positive(t, got[string(known)], known)
		}
	}

	// The stored events are the logged ones.
	stored := map[string]int{}
	for _, e := range allEvents(tg.client(t), "/admin/audit?limit=7", root.Access) {
		stored[e.Type]++
		assert.Equal(t, e.Type == "user_created" && e.ByOperator, e.ByOperator, e)
	}
	got["user_created"]++ // the first administrator came by another process
	assert.Equal(t, got, stored)
	for place, text := range tg.finish(t) {
		tg.secrets.AssertAbsent(t, place, text)
	}
}

// allEvents reads all pages of a list of events, each event once.
func allEvents(c client, from, token string) []event {
	c.Helper()
	var all []event
	seen := map[string]bool{}
	for cursor := ""; ; {
		page := api.Decode[events](c.Get(from+cursor, token).Is(http.StatusOK))
		for _, e := range page.Events {
			require.False(c, seen[e.ID], "on two pages")
			seen[e.ID] = true
			all = append(all, e)
		}
		if page.Next == "" {
			return all
		}
		cursor = "&cursor=" + page.Next
	}
}

// whatHappened shows users the events of their account, and administrators the
// events of every account (V-28: altered cursors are refused).
func whatHappened(c client) {
	agent := "agent-" + rand.Text()
	own := c.with("User-Agent", agent)
	p, stranger := own.registered(), c.registered()
	own.tryLogin(person{p.email, newPassword()}).Refused(http.StatusUnauthorized, "invalid_credentials")
	s := own.login(p)
	id := api.Decode[user](c.Get("/me", s.Access).Is(http.StatusOK)).ID
	want := []string{"logged_in", "login_refused", "email_verified", "registered"}

	activity := allEvents(c, "/me/activity?limit=1", s.Access)
	assert.Equal(c, want, events{Events: activity}.types())
	for _, e := range activity {
		assert.Equal(c, []string{id, "127.0.0.1", agent}, []string{e.SubjectID, e.IP, e.UserAgent}, e.Type)
		assert.NotEmpty(c, e.RequestID)
	}
	assert.Equal(c, []string{id, s.SessionID, "success", ""}, []string{activity[0].ActorID, activity[0].SessionID, activity[0].Outcome, activity[0].Detail})
	assert.Equal(c, []string{"", "", "refused", "invalid_credentials"}, []string{activity[1].ActorID, activity[1].SessionID, activity[1].Outcome, activity[1].Detail})
	for _, e := range activity {
		at, err := time.Parse(time.RFC3339, e.CreatedAt)
		require.NoError(c, err)
		assert.WithinDuration(c, time.Now(), at, 365*24*time.Hour, "the clock of the service in memory is another one")
	}

	c.Get("/admin/audit", s.Access).Refused(http.StatusForbidden, "forbidden")
	root := c.login(c.target.admin).Access
	about := func(query string) []string {
		return events{Events: allEvents(c, "/admin/audit?limit=2&subject_id="+id+query, root)}.types()
	}
	assert.Equal(c, want, about(""))
	assert.Equal(c, []string{"login_refused"}, about("&type=login_refused"))
	assert.Equal(c, []string{"logged_in", "email_verified", "registered"}, about("&actor_id="+id))
	assert.Empty(c, about("&created_after=2999-01-01T00:00:00Z"))
	assert.Equal(c, want, about("&created_before=2999-01-01T00:00:00Z"))

	cursor := api.Decode[events](c.Get("/me/activity?limit=1", s.Access).Is(http.StatusOK)).Next
	for _, bad := range []string{changed(cursor), cursor + "AA", "eyJpZCI6IjEnIE9SIDEifQ", "x"} {
		c.Get("/me/activity?limit=1&cursor="+bad, s.Access).Refused(http.StatusBadRequest, "invalid_cursor")
		c.Get("/admin/audit?limit=1&cursor="+bad, root).Refused(http.StatusBadRequest, "invalid_cursor")
	}
	c.Get("/me/activity?limit=1&cursor="+cursor, c.login(stranger).Access).Refused(http.StatusBadRequest, "invalid_cursor")
	for _, query := range []string{"limit=0", "limit=201", "limit=01", "limit=1&limit=2", "cursor=", "offset=1", "type=", "sort=id", "outcome=refused"} {
		c.Get("/admin/audit?"+query, root).Refused(http.StatusUnprocessableEntity, "validation_failed")
		c.Get("/me/activity?"+query, s.Access).Refused(http.StatusUnprocessableEntity, "validation_failed")
	}
	c.Get("/admin/audit?type=LOGGED_IN", root).Refused(http.StatusUnprocessableEntity, "validation_failed").At("/type")
	c.Get("/admin/audit?created_after=yesterday", root).Refused(http.StatusUnprocessableEntity, "invalid_parameter").At("/created_after")
	for _, known := range domain.EventTypes() {
		c.Get("/admin/audit?limit=1&type="+string(known), root).Is(http.StatusOK)
	}
}

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
	assert.Equal(c, []string{"logged_out", "logged_in", "logged_in", "email_verified", "registered"}, events{Events: all.Events}.types())
	for _, secret := range []string{"hash", "password", "refresh_token", "access_token", "secret"} {
		assert.NotContains(c, strings.ToLower(string(export.Body)), secret, "S-44")
	}

	c.Delete("/me", s.Access, api.Object{"password": p.password}).Is(http.StatusNoContent)
	root := c.with("User-Agent", "e2e").login(c.target.admin).Access
	left := allEvents(c, "/admin/audit?limit=50&subject_id="+all.User.ID, root)
	assert.Equal(c, append([]string{"user_deleted"}, events{Events: all.Events}.types()...), events{Events: left}.types())
	for _, e := range left {
		assert.Empty(c, e.IP+e.UserAgent, e.Type)
	}
	if c.target.rows == nil {
		return // in memory there is no database to search
	}
	for line := range strings.Lines(c.target.rows(c)) {
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
