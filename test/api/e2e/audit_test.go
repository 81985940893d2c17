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
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// everything causes every type of event, and returns how often each one occurs.
func everything(c client) map[string]int {
	c.Helper()
	root := c.login(c.target.admin)
	c.register(newPerson()).is(http.StatusAccepted) // registered
	dropped := newPerson()
	c.register(dropped).is(http.StatusAccepted)
	c.register(person{dropped.email, newPassword()}).is(http.StatusAccepted) // registered_again, password_dropped
	p := c.registered()                                                      // registered, email_verified
	c.tryLogin(person{p.email, newPassword()}).refused(http.StatusUnauthorized, "invalid_credentials")
	c.tryLogin(newPerson()).refused(http.StatusUnauthorized, "invalid_credentials")
	first, second := c.login(p), c.login(p)
	c.delete(path("sessions", second.SessionID), first.Access, nil).is(http.StatusNoContent)
	next := c.refresh(first.Refresh)
	c.tryRefresh(first.Refresh).refused(http.StatusUnauthorized, "refresh_token_reused")
	c.get("/me", next.Access).is(http.StatusUnauthorized)
	s := c.login(p)
	c.delete("/me", s.Access, object{"password": newPassword()}).is(http.StatusUnprocessableEntity) // password_refused
	renewed := person{p.email, newPassword()}
	c.post("/password/change", s.Access, object{"current_password": p.password, "new_password": renewed.password}).is(http.StatusNoContent)
	c.requestReset(p.email).is(http.StatusAccepted)
	c.confirmReset(c.target.token(c, p.email, "reset_password"), p.password).is(http.StatusNoContent)
	s = c.login(p)
	moved := newPerson().email
	c.post("/email/change", s.Access, object{"new_email": moved, "current_password": p.password}).is(http.StatusAccepted)
	id := decode[user](c.verify(c.target.token(c, moved, "change_email")).is(http.StatusOK)).ID
	c.post("/logout", s.Access, nil).is(http.StatusNoContent)
	s = c.login(person{moved, p.password})
	c.post("/logout-all", s.Access, nil).is(http.StatusOK)
	at := path("admin", "users", id)
	c.do(http.MethodPatch, at, root.Access, object{"role": "admin"}).is(http.StatusOK)
	c.do(http.MethodPatch, at, root.Access, object{"status": "disabled"}).is(http.StatusOK)
	c.delete(at, root.Access, nil).is(http.StatusNoContent)
	c.post("/admin/users", root.Access, object{"email": newPerson().email}).is(http.StatusCreated)
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
		page := decode[events](c.get(from+cursor, token).is(http.StatusOK))
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
	own.tryLogin(person{p.email, newPassword()}).refused(http.StatusUnauthorized, "invalid_credentials")
	s := own.login(p)
	id := decode[user](c.get("/me", s.Access).is(http.StatusOK)).ID
	want := []string{"logged_in", "login_refused", "email_verified", "registered"}

	activity := allEvents(c, "/me/activity?limit=1", s.Access)
	assert.Equal(c, want, events{Events: activity}.types())
	for _, e := range activity {
		assert.Equal(c, []string{id, "127.0.0.1", agent}, []string{e.SubjectID, e.IP, e.UserAgent}, e.Type)
		assert.NotEmpty(c, e.RequestID)
	}
	assert.Equal(c, s.SessionID, activity[0].SessionID)

	c.get("/admin/audit", s.Access).refused(http.StatusForbidden, "forbidden")
	root := c.login(c.target.admin).Access
	about := func(query string) []string {
		return events{Events: allEvents(c, "/admin/audit?limit=2&subject_id="+id+query, root)}.types()
	}
	assert.Equal(c, want, about(""))
	assert.Equal(c, []string{"login_refused"}, about("&type=login_refused"))
	assert.Equal(c, []string{"logged_in", "email_verified", "registered"}, about("&actor_id="+id))
	assert.Empty(c, about("&created_after=2999-01-01T00:00:00Z"))
	assert.Equal(c, want, about("&created_before=2999-01-01T00:00:00Z"))

	cursor := decode[events](c.get("/me/activity?limit=1", s.Access).is(http.StatusOK)).Next
	for _, bad := range []string{changed(cursor), cursor + "AA", "eyJpZCI6IjEnIE9SIDEifQ", "x"} {
		c.get("/me/activity?limit=1&cursor="+bad, s.Access).refused(http.StatusBadRequest, "invalid_cursor")
		c.get("/admin/audit?limit=1&cursor="+bad, root).refused(http.StatusBadRequest, "invalid_cursor")
	}
	c.get("/me/activity?limit=1&cursor="+cursor, c.login(stranger).Access).refused(http.StatusBadRequest, "invalid_cursor")
	for _, query := range []string{"type=nonsense", "limit=0", "limit=201", "created_after=yesterday"} {
		c.get("/admin/audit?"+query, root).is(http.StatusUnprocessableEntity)
	}
}

// exportAndErase gives users everything that is stored about them, and removes it
// when they leave. An anonymous trail of events remains.
func exportAndErase(c client) {
	agent := "agent-" + rand.Text()
	c = c.with("User-Agent", agent)
	p := c.registered()
	s := c.login(p)
	c.post("/logout", c.login(p).Access, nil).is(http.StatusNoContent)
	export := c.get("/me/export", s.Access).is(http.StatusOK)
	assert.Contains(c, export.header.Get("Content-Disposition"), "attachment")
	all := decode[struct {
		User     user
		Sessions []struct {
			ID, IP, RevokeReason string
			UserAgent            string `json:"user_agent"`
		}
		Tokens []struct{ Purpose, Email string }
		Events []event
	}](export)
	assert.Equal(c, decode[user](c.get("/me", s.Access)), all.User)
	assert.Len(c, all.Sessions, 2)
	for _, one := range all.Sessions {
		assert.Equal(c, agent, one.UserAgent)
	}
	require.Len(c, all.Tokens, 1)
	assert.Equal(c, "verify_email", all.Tokens[0].Purpose)
	assert.Equal(c, []string{"logged_out", "logged_in", "logged_in", "email_verified", "registered"}, events{Events: all.Events}.types())
	for _, secret := range []string{"hash", "password", "refresh_token", "access_token", "secret"} {
		assert.NotContains(c, strings.ToLower(string(export.body)), secret, "S-44")
	}

	c.delete("/me", s.Access, object{"password": p.password}).is(http.StatusNoContent)
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
		assert.NotContains(c, line, agent)
	}
}

// nothingCounted proves V-19: a user who is not an administrator learns neither
// the number of users nor their order, and administrators see only pages.
func nothingCounted(c client) {
	p, next := c.registered(), c.registered()
	s := c.login(p)
	for _, from := range []string{"/me", "/sessions", "/me/activity", "/me/export", "/test/protected", "/test/public"} {
		a := c.get(from, s.Access).is(http.StatusOK)
		for _, word := range []string{`"total`, `"count`, `total"`, `count"`} {
			assert.NotContains(c, string(a.body), word, from)
		}
		for name := range a.header {
			assert.NotContains(c, strings.ToLower(name), "count", from)
		}
	}
	for _, forbidden := range []string{"/admin/users", "/admin/audit"} {
		c.get(forbidden, s.Access).refused(http.StatusForbidden, "forbidden")
		c.get(forbidden, "").refused(http.StatusUnauthorized, "unauthenticated")
	}
	one, other := decode[user](c.get("/me", s.Access)).ID, decode[user](c.get("/me", c.login(next).Access)).ID
	assert.Regexp(c, `^[0-9a-f]{8}-[0-9a-f]{4}-7`, one)
	assert.NotEqual(c, one[19:], other[19:], "the part that is random")
	root := c.login(c.target.admin).Access
	page := c.get("/admin/users?limit=1", root).is(http.StatusOK)
	assert.NotContains(c, string(page.body), "total")
	metrics := string(c.send(http.MethodGet, "/metrics", nil, nil).is(http.StatusOK).body)
	assert.NotRegexp(c, `(?m)^auth_users`, metrics)
}
