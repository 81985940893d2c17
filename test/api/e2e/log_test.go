package e2e

import (
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
	assert.Equal(c, next, c.with("User-Agent", "another").Refresh(first.Refresh)) // refresh_replayed
	reissued(c, first.Refresh, next)                                              // refresh_reissued
	c.Get("/me", next.Access).Refused(http.StatusUnauthorized, "session_ended")   // refresh_token_reused
	s := c.login(p)
	c.Delete("/me", s.Access, api.Object{"password": newPassword()}).Is(http.StatusUnprocessableEntity) // password_refused
	renewed := person{p.email, newPassword()}
	c.Post("/password/change", s.Access, api.Object{"current_password": p.password, "new_password": renewed.password}).Is(http.StatusOK)
	c.requestReset(p.email).Is(http.StatusAccepted)
	c.confirmReset(c.target.token(c, p.email, "reset_password"), p.password).Is(http.StatusOK)
	s = c.login(p)
	me := api.Decode[user](c.Get("/me", s.Access)).ID
	c.Delete("/admin/limits?user_id="+me, root.Access, nil).Is(http.StatusOK) // limits_lifted
	c.Patch(path("admin", "users", me), root.Access, api.Object{"password_change_required": true}).Is(http.StatusOK)
	c.Patch(path("admin", "users", me), root.Access, api.Object{"password_change_required": false}).Is(http.StatusOK)
	s = c.login(p)
	moved := newPerson().email
	c.Post("/email/change", s.Access, api.Object{"new_email": moved, "current_password": p.password}).Is(http.StatusAccepted)
	id := api.Decode[user](c.confirm(c.target.token(c, moved, "change_email"), p.password).Is(http.StatusOK)).ID
	c.Get("/me/export", s.Access).Is(http.StatusOK)
	c.Post("/logout", s.Access, nil).Is(http.StatusNoContent)
	s = c.login(person{moved, p.password})
	c.Post("/logout-all", s.Access, nil).Is(http.StatusOK)
	c.Post("/email/change/undo", "", api.Object{"token": c.target.token(c, p.email, "undo_email")}).Is(http.StatusOK) // email_change_undone
	at := path("admin", "users", id)
	c.Post(at+"/mails", root.Access, api.Object{"mail": "reset_password"}).Is(http.StatusAccepted) // mail_requested
	c.Patch(at, root.Access, api.Object{"profile": api.Object{"name": "Ada"}, "app": api.Object{"tenant": "a"}}).Is(http.StatusOK)
	c.Patch(at, root.Access, api.Object{"role": "admin"}).Is(http.StatusOK)
	c.Patch(at, root.Access, api.Object{"status": "disabled"}).Is(http.StatusOK)
	c.Delete(at, root.Access, nil).Is(http.StatusNoContent)
	c.Post("/admin/users", root.Access, api.Object{"email": newPerson().email, "role": "admin"}).Is(http.StatusCreated)
	guardedEvents(c, root.Access)
	for range 3 {
		c.verify(newPassword())
	}
	unknown := newPerson().email
	for range 3 { // login_refused, login_locked
		c.wrongly(unknown).Refused(http.StatusUnauthorized, "invalid_credentials")
	}
	return map[string]int{
		"factor_added": 1, "factor_removed": 1, "recovery_codes_made": 1, "recovery_code_used": 1, "code_refused": 30, "codes_locked": 1,
		"registered": 4, "registered_again": 1, "password_dropped": 1, "email_verified": 2, "login_refused": 6, "login_locked": 1, "logged_in": 10,
		"session_revoked": 1, "refresh_token_reused": 1, "refresh_replayed": 1, "refresh_reissued": 1, "password_refused": 1, "password_changed": 1, "password_reset": 1,
		"email_change_requested": 1, "email_changed": 1, "email_change_undone": 1, "account_exported": 1, "logged_out": 1, "sessions_ended": 1, "role_changed": 1, "status_changed": 1, "user_deleted": 1,
		"user_created": 1, "role_invited": 1, "mail_requested": 1, "profile_changed": 1, "app_changed": 1, "limits_lifted": 1, "password_change_required": 2,
		"rate_limited": 1,
	}
}

// guardedEvents causes the events of second factors: one registration, one confirmation, two
// logins, and the six types.
func guardedEvents(c client, root string) {
	p := c.registered()
	s := c.login(p)
	phone, codes := enrol(c, p, s)
	c.Post("/me/recovery-codes", s.Access, api.Object{"password": p.password, "code": codes[0]}).Is(http.StatusOK) // recovery_code_used, recovery_codes_made
	next := api.Decode[secondStep](c.tryLogin(p).Refused(http.StatusForbidden, "second_factor_required"))
	goOn := func(code string) api.Answer {
		return c.Post("/login/continue", "", api.Object{"challenge": next.Challenge, "method": "otp", "code": code})
	}
	goOn(phone.code(1)).Is(http.StatusOK)
	for range 30 { // code_refused, codes_locked
		goOn("000000").Refused(http.StatusUnauthorized, "invalid_code")
	}
	id := api.Decode[user](c.Get("/me", s.Access).Is(http.StatusOK)).ID
	c.Delete("/admin/users/"+id+"/factors", root, nil).Is(http.StatusNoContent) // factor_removed
}

// S-45: the log has one line of JSON for each event, with actor, action, time,
// source and request. S-46: it has no secrets.
func TestLog_HasOneLineForEachEvent(t *testing.T) {
	t.Parallel()
	tg := localWith(t, cheap().With("LOG_FORMAT", "json", "REFRESH_GRACE_SECONDS", "1", "RATE_LIMIT_TOKEN_IP", "5/10h", "LOGIN_FAILURES", "3/1h"))
	want := everything(tg.client(t))
	root := tg.client(t).login(tg.admin)
	want["logged_in"]++

	program.Eventually(t, "the log has the last event", func() bool {
		return strings.Contains(tg.log.String(), root.SessionID)
	})
	got, mails := map[string]int{}, map[string]int{}
	for line := range strings.Lines(tg.log.String()) {
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &entry), line)
		if entry["msg"] != "audit" {
			continue
		}
		kind, _ := entry["event"].(string)
		ofMail := strings.HasPrefix(kind, "mail_") && entry["actor_id"] == nil
		if !ofMail {
			got[kind]++
		} else {
			mails[kind]++
		}
		stamp, _ := entry["time"].(string)
		at, err := time.Parse(time.RFC3339Nano, stamp)
		require.NoError(t, err, line)
		assert.Equal(t, time.UTC, at.Location(), line)
		assert.Contains(t, []any{"success", "refused"}, entry["outcome"], line)
		fields := []string{"id", "request_id", "user_agent"}
		if ofMail {
			fields = []string{"id", "request_id", "detail"}
			leaves := entry["detail"] == "account_deleted" || entry["detail"] == "account_closed"
			assert.Equal(t, kind == "mail_sent" && !leaves, entry["answer"] != nil, line)
		} else {
			assert.Equal(t, "127.0.0.1", entry["client_ip"], line)
		}
		for _, field := range fields {
			assert.NotEmpty(t, entry[field], "%s of %s", field, line)
		}
		if kind != "rate_limited" && kind != "login_refused" && kind != "login_locked" {
			assert.NotEmpty(t, entry["subject_id"], line)
		}
		assert.NotContains(t, line, "@", "an address of mail")
	}
	assert.Equal(t, want, got)
	for _, known := range domain.EventTypes() {
		if known != domain.EventUsersExported && known != domain.EventRegistrationExpired && !known.OfMail() { // which no request causes
			assert.Positive(t, got[string(known)], known)
		}
	}
	assert.Positive(t, got["mail_requested"], "by an administrator")
	assert.Positive(t, mails["mail_requested"])
	assert.Positive(t, mails["mail_sent"])

	// The stored events are the logged ones.
	stored := map[string]int{}
	for _, e := range withoutMails(allEvents(tg.client(t), "/admin/audit?limit=7", root.Access)) {
		stored[e.Type]++
		assert.Equal(t, e.Type == "user_created" && e.ByOperator, e.ByOperator, e)
	}
	got["user_created"]++ // the first administrator came by another process
	assert.Equal(t, got, stored)
	for place, text := range tg.finish(t) {
		tg.secrets.AssertAbsent(t, place, text)
	}
}
