package e2e

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

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
