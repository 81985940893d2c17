package e2e

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
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

// feedFrom reads the feed of events to its end, each event once.
func feedFrom(c client, path, token string) (all []event) {
	c.Helper()
	for after := ""; ; {
		page := api.Decode[struct {
			Events   []event
			Position int64
			More     bool
		}](c.Get(path+after, token).Is(http.StatusOK))
		for _, e := range page.Events {
			if len(all) > 0 {
				require.Greater(c, e.Position, all[len(all)-1].Position)
			}
			all = append(all, e)
		}
		if !page.More {
			return all
		}
		after = fmt.Sprintf("&after=%d", page.Position)
	}
}

// withoutMails returns the events that do not tell what became of a mail, which comes while
// other requests are made.
func withoutMails(all []event) []event {
	return slices.DeleteFunc(slices.Clone(all), func(e event) bool { return strings.HasPrefix(e.Type, "mail_") && e.ActorID == "" })
}

// whatBecomesOfMails shows users and staff that a mail was asked for and sent, and staff what
// the mail server answered.
func whatBecomesOfMails(c client) {
	p := c.registered()
	s := c.login(p)
	root := c.login(c.target.admin).Access
	id := api.Decode[user](c.Get("/me", s.Access).Is(http.StatusOK)).ID
	var staff []event
	program.Eventually(c, "the mail is on record", func() bool {
		staff = allEvents(c, "/admin/audit?type=mail_sent&subject_id="+id, root)
		return len(staff) == 1
	})
	asked := allEvents(c, "/admin/audit?type=mail_requested&subject_id="+id, root)
	require.Len(c, asked, 1)
	for _, e := range []event{staff[0], asked[0]} {
		assert.Equal(c, []string{"verify_email", "success", "", ""}, []string{e.Detail, e.Outcome, e.ActorID, e.IP})
	}
	assert.NotEmpty(c, staff[0].Reason, "the answer of the mail server")
	assert.NotEmpty(c, asked[0].RequestID)
	assert.Equal(c, asked[0].RequestID, staff[0].RequestID, "one request, one mail")
	shown := 0
	for _, e := range allEvents(c, "/me/activity?limit=50", s.Access) {
		assert.Empty(c, e.Reason, "for staff only")
		if e.ID == staff[0].ID || e.ID == asked[0].ID {
			shown++
		}
	}
	assert.Equal(c, 2, shown)
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

	activity := withoutMails(allEvents(c, "/me/activity?limit=1", s.Access))
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
		return events{Events: withoutMails(allEvents(c, "/admin/audit?limit=2&subject_id="+id+query, root))}.types()
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
	c.Get("/admin/audit/feed", s.Access).Refused(http.StatusForbidden, "forbidden")
	fed := feedFrom(c, "/admin/audit/feed?limit=7", root)
	c.Get("/admin/audit/feed?after=999999999", root).Refused(http.StatusUnprocessableEntity, "invalid_parameter").At("/after")
	for _, query := range []string{"after=-1", "after=x", "limit=201", "type=LOGGED_IN", "cursor=x"} {
		c.Get("/admin/audit/feed?"+query, root).Refused(http.StatusUnprocessableEntity, "validation_failed")
	}
	var mine []string
	for _, e := range withoutMails(fed) {
		if e.SubjectID == id {
			mine = append(mine, e.Type)
		}
	}
	slices.Reverse(mine)
	assert.Equal(c, want, mine, "the oldest first")
	after := fmt.Sprintf("&after=%d", fed[len(fed)-1].Position)
	c.login(p)
	var more []string
	for _, e := range feedFrom(c, "/admin/audit/feed?type=logged_in&type=logged_out"+after, root) {
		if e.SubjectID == id {
			more = append(more, e.Type)
		}
	}
	assert.Equal(c, []string{"logged_in"}, more, "once, after the position")
	for _, known := range domain.EventTypes() {
		c.Get("/admin/audit?limit=1&type="+string(known), root).Is(http.StatusOK)
	}
}
