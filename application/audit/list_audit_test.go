package audit_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestListAudit_PagesShowEachEventOnceThroughTies(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.History(13, domain.UserID{1})
	for _, limit := range []int{1, 2, 3, 4, 12, 13, 200} {
		var seen []domain.Event
		cmd := ports.ListAuditCommand{Limit: limit}
		pages := 0
		for more := true; more; more = cmd.Cursor != "" {
			page, err := b.Audit(cmd)
			require.NoError(t, err)
			seen = append(seen, page.Events...)
			pages++
			cmd.Cursor = page.NextCursor
		}
		assert.Equal(t, app.NewestFirst(b.Events()), seen)
		assert.Equal(t, (13+limit-1)/limit, pages, "no empty last page")
	}
}

func TestListAudit_DefaultsToFiftyAndANewEventMovesNoPage(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.History(51, domain.UserID{1})
	all := app.NewestFirst(b.Events())
	page, err := b.Audit(ports.ListAuditCommand{})
	require.NoError(t, err)
	assert.Equal(t, all[:50], page.Events)
	b.Clock.Advance(time.Hour)
	b.Account(app.Ada, app.Password)
	page, err = b.Audit(ports.ListAuditCommand{Limit: 7, Cursor: page.NextCursor})
	require.NoError(t, err)
	assert.Equal(t, all[50:], page.Events)
	assert.Empty(t, page.NextCursor)
}

func TestListAudit_Filters(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	admin := b.Admin(app.Ada)
	b.Clock.Advance(time.Hour)
	b.Account(app.Bob, app.Password)
	adaID, bobID := b.User(app.Ada).ID().String(), b.User(app.Bob).ID().String()
	require.NoError(t, b.SetRole(admin, bobID, "admin"))
	b.Clock.Advance(time.Hour)
	require.NoError(t, b.SetRole(domain.Operator(), bobID, "user"))
	first, second := app.Start.Format(time.RFC3339Nano), app.Start.Add(time.Hour).In(time.FixedZone("", 7200)).Format(time.RFC3339Nano)
	for _, test := range []struct {
		cmd  ports.ListAuditCommand
		want string
	}{
		{ports.ListAuditCommand{}, "role_changed role_changed email_verified registered logged_in email_verified registered"},
		{ports.ListAuditCommand{SubjectID: adaID}, "logged_in email_verified registered"},
		{ports.ListAuditCommand{SubjectID: bobID}, "role_changed role_changed email_verified registered"},
		{ports.ListAuditCommand{ActorID: adaID}, "role_changed logged_in email_verified registered"},
		{ports.ListAuditCommand{ActorID: adaID, SubjectID: bobID}, "role_changed"},
		{ports.ListAuditCommand{Type: "registered"}, "registered registered"},
		{ports.ListAuditCommand{Type: "registered", SubjectID: bobID}, "registered"},
		{ports.ListAuditCommand{Type: "rate_limited"}, ""},
		{ports.ListAuditCommand{SubjectID: domain.UserID{9}.String()}, ""},
		{ports.ListAuditCommand{CreatedAfter: first}, "role_changed role_changed email_verified registered logged_in email_verified registered"}, // F-R9
		{ports.ListAuditCommand{CreatedBefore: first}, ""},
		{ports.ListAuditCommand{CreatedBefore: second}, "logged_in email_verified registered"},
		{ports.ListAuditCommand{CreatedAfter: second}, "role_changed role_changed email_verified registered"},
		{ports.ListAuditCommand{CreatedAfter: strings.Replace(second, "+", " ", 1)}, "role_changed role_changed email_verified registered"}, // F-A03
		{ports.ListAuditCommand{CreatedAfter: app.Start.Add(time.Hour + time.Nanosecond).Format(time.RFC3339Nano)}, "role_changed"},
		{ports.ListAuditCommand{CreatedAfter: first, CreatedBefore: second}, "logged_in email_verified registered"},
	} {
		page, err := b.Audit(test.cmd)
		require.NoError(t, err)
		var got []string
		for _, e := range app.WithoutMails(page.Events) {
			got = append(got, string(e.Type))
		}
		assert.Equal(t, test.want, strings.Join(got, " "), "%+v", test.cmd)
	}
}

// V-29, B-22, B-25.
func TestListAudit_RefusesBadParameters(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	for _, test := range []struct {
		cmd   ports.ListAuditCommand
		field string
	}{
		{ports.ListAuditCommand{Limit: -1}, "limit"},
		{ports.ListAuditCommand{Limit: 201}, "limit"},
		{ports.ListAuditCommand{SubjectID: "me"}, "subject_id"},
		{ports.ListAuditCommand{SubjectID: "1 OR 1=1"}, "subject_id"},
		{ports.ListAuditCommand{SubjectID: domain.UserID{}.String()}, "subject_id"},
		{ports.ListAuditCommand{ActorID: strings.ToUpper(domain.UserID{0xab}.String())}, "actor_id"},
		{ports.ListAuditCommand{ActorID: "\x00"}, "actor_id"},
		{ports.ListAuditCommand{Type: "Registered"}, "type"},
		{ports.ListAuditCommand{Type: "%"}, "type"},
		{ports.ListAuditCommand{CreatedAfter: "yesterday"}, "created_after"},
		{ports.ListAuditCommand{CreatedBefore: "9999-12-31T23:59:59-23:00"}, "created_before"},
	} {
		refusal := b.Refused(domain.ErrInvalidParameter, func() error { _, err := b.Audit(test.cmd); return err })
		assert.Equal(t, test.field, refusal.Field, "%+v", test.cmd)
	}
}

// V-28: a cursor is good for the list and the filters it came from.
func TestV28_ListAuditRefusesForeignAndForgedCursors(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Population(2)
	b.History(3, domain.UserID{1})
	first, err := b.Audit(ports.ListAuditCommand{Limit: 1})
	require.NoError(t, err)
	cursor := first.NextCursor
	users, err := b.List(ports.ListUsersCommand{Limit: 1})
	require.NoError(t, err)
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	require.NoError(t, err)
	forged := []string{"=", " ", "null", users.NextCursor, cursor + "A", cursor + "=", cursor[1:], strings.Repeat("A", 513), encodeRaw(raw[:31])}
	for bit := range len(raw) * 8 {
		flipped := slices.Clone(raw)
		flipped[bit/8] ^= 1 << (bit % 8)
		forged = append(forged, encodeRaw(flipped))
	}
	for _, text := range forged {
		b.Refused(domain.ErrInvalidCursor, func() error { _, err := b.Audit(ports.ListAuditCommand{Limit: 1, Cursor: text}); return err })
	}
	for _, cmd := range []ports.ListAuditCommand{
		{SubjectID: domain.UserID{1}.String()}, {ActorID: domain.UserID{1}.String()}, {Type: "logged_in"},
		{CreatedAfter: "2020-01-01T00:00:00Z"}, {CreatedBefore: "2030-01-01T00:00:00Z"},
	} {
		cmd.Limit, cmd.Cursor = 1, cursor
		b.Refused(domain.ErrInvalidCursor, func() error { _, err := b.Audit(cmd); return err })
	}
	b.Refused(domain.ErrInvalidCursor, func() error { _, err := b.List(ports.ListUsersCommand{Limit: 1, Cursor: cursor}); return err })
	_, err = b.Audit(ports.ListAuditCommand{Limit: 1, Cursor: cursor})
	require.NoError(t, err)
}

func encodeRaw(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func TestListAudit_IsForAdministratorsOnly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Bob, app.Password)
	admin, user := b.Admin(app.Ada), b.SignIn(app.Bob, app.Password)
	list := func(p domain.Principal, cmd ports.ListAuditCommand) error {
		cmd.Principal = p
		_, err := b.UseCases.ListAudit.Execute(t.Context(), cmd)
		return err
	}
	require.NoError(t, list(admin, ports.ListAuditCommand{}))
	require.NoError(t, list(domain.Operator(), ports.ListAuditCommand{}))
	own := ports.ListAuditCommand{SubjectID: b.User(app.Bob).ID().String()}
	for _, cmd := range []ports.ListAuditCommand{{}, own, {Cursor: "junk"}, {Limit: -1}} {
		b.Refused(domain.ErrForbidden, func() error { return list(user, cmd) })
		b.Refused(domain.ErrUnauthenticated, func() error { return list(domain.Principal{}, cmd) })
	}
}
