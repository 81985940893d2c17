package admin_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestListUsers_PagesShowEachUserOnceThroughTies(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Population(13)
	for _, sort := range []string{"", "created_at", "-created_at", "email", "-email"} {
		for _, limit := range []int{1, 2, 3, 4, 12, 13, 200} {
			seen := map[domain.UserID]bool{}
			cmd := ports.ListUsersCommand{Limit: limit, Sort: sort}
			pages := 0
			for {
				page, err := b.List(cmd)
				require.NoError(t, err)
				pages++
				for _, u := range page.Users {
					assert.False(t, seen[u.ID()], "shown twice")
					seen[u.ID()] = true
				}
				if cmd.Cursor = page.NextCursor; cmd.Cursor == "" {
					break
				}
				assert.Len(t, page.Users, limit)
			}
			assert.Len(t, seen, 13)
			assert.Equal(t, (13+limit-1)/limit, pages, "no empty last page")
		}
	}
}

func TestListUsers_DefaultsToFiftyAndTheNewestFirst(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Population(51)
	page, err := b.List(ports.ListUsersCommand{})
	require.NoError(t, err)
	assert.Len(t, page.Users, 50)
	assert.Equal(t, "user50@example.com", page.Users[0].Email().String())
	assert.NotEmpty(t, page.NextCursor)
	// The size of the page may change on the way.
	page, err = b.List(ports.ListUsersCommand{Limit: 7, Cursor: page.NextCursor})
	require.NoError(t, err)
	assert.Len(t, page.Users, 1)
	assert.Empty(t, page.NextCursor)
}

func TestListUsers_Filters(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Population(4)
	b.Edit("user01@example.com", func(s *domain.UserSnapshot) { s.Role, s.EmailVerified = "admin", true })
	b.Edit("user03@example.com", func(s *domain.UserSnapshot) { s.Role = "admin" }) // F-H3: acts as user
	b.Edit("user02@example.com", func(s *domain.UserSnapshot) { s.Status, s.EmailVerified = "disabled", true })
	late := app.Start.Add(time.Hour)
	b.Clock.Set(late)
	require.NoError(t, b.Register(app.Ada, app.Password))
	for _, test := range []struct {
		cmd  ports.ListUsersCommand
		want string
	}{
		{ports.ListUsersCommand{}, "user00 user01 user02 user03 ada"},
		{ports.ListUsersCommand{EmailPrefix: "USER"}, "user00 user01 user02 user03"},
		{ports.ListUsersCommand{EmailPrefix: "u%"}, ""},
		{ports.ListUsersCommand{EmailPrefix: `u\`}, ""},
		{ports.ListUsersCommand{EmailDomain: "@Example.COM", Status: "disabled"}, "user02"},
		{ports.ListUsersCommand{EmailDomain: "xample.com"}, ""},
		{ports.ListUsersCommand{EmailPart: "ER01@"}, "user01"},
		{ports.ListUsersCommand{EmailPart: "r0_"}, ""},
		{ports.ListUsersCommand{Role: "admin"}, "user01"},
		{ports.ListUsersCommand{Role: "user", Status: "active"}, "user00 user03 ada"},
		{ports.ListUsersCommand{Status: "disabled"}, "user02"},
		{ports.ListUsersCommand{Verified: "true"}, "user01 user02"},
		{ports.ListUsersCommand{Verified: "false", EmailPrefix: "user"}, "user00 user03"},
		{ports.ListUsersCommand{CreatedAfter: app.Start.Format(time.RFC3339Nano)}, "user00 user01 user02 user03 ada"}, // F-R9
		{ports.ListUsersCommand{CreatedAfter: app.Start.Add(time.Nanosecond).Format(time.RFC3339Nano)}, "ada"},
		{ports.ListUsersCommand{CreatedAfter: late.Format(time.RFC3339Nano)}, "ada"},
		{ports.ListUsersCommand{CreatedBefore: app.Start.Add(time.Nanosecond).Format(time.RFC3339Nano)}, "user00 user01 user02 user03"},
		{ports.ListUsersCommand{CreatedBefore: app.Start.Format(time.RFC3339Nano)}, ""},
		{ports.ListUsersCommand{CreatedBefore: late.In(time.FixedZone("", 7200)).Format(time.RFC3339Nano)}, "user00 user01 user02 user03"},
	} {
		test.cmd.Sort = "created_at"
		page, err := b.List(test.cmd)
		require.NoError(t, err)
		var got []string
		for _, u := range page.Users {
			got = append(got, u.Email().Local())
		}
		assert.Equal(t, test.want, strings.Join(got, " "))
	}
}

// F-A03: an unescaped plus sign of a query arrives as a blank, which no address and no time
// holds, so it counts as a plus sign.
func TestListUsers_BlanksOfQueriesArePlusSigns(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	for _, address := range []string{"john+tag@example.com", "john+other@example.com", "john@example.com", "+@example.com", "a++b@example.com"} {
		require.NoError(t, b.Register(address, app.Password))
	}
	for prefix, want := range map[string]int{
		"john tag@example.com": 1, "john+tag@example.com": 1, "JOHN TAG@": 1, "john ": 2, "john": 3, " ": 1, " @": 1, "a  b": 1, "a +b": 1, "john  ": 0, "tag@": 0,
	} {
		page, err := b.List(ports.ListUsersCommand{EmailPrefix: prefix})
		require.NoError(t, err, prefix)
		assert.Len(t, page.Users, want, prefix)
	}
	east := app.Start.Add(time.Hour).In(time.FixedZone("", 2*3600)).Format(time.RFC3339)
	require.Contains(t, east, "+02:00")
	for _, query := range []ports.ListUsersCommand{{CreatedBefore: strings.Replace(east, "+", " ", 1)}, {CreatedBefore: east}} {
		page, err := b.List(query)
		require.NoError(t, err)
		assert.Len(t, page.Users, 5)
	}
	for _, s := range []string{"2026-01-01 00:00:00Z", "2026-01-01 00:00", "2026-01-01T00:00:00  02:00", "2026-01-01T00:00:00Z 02:00", "2026-01-01T00:00:00 0200", " 2026-01-01T00:00:00Z"} {
		b.Refused(domain.ErrInvalidParameter, func() error { _, err := b.List(ports.ListUsersCommand{CreatedAfter: s}); return err })
	}
}

// V-29, B-25, B-26.
func TestListUsers_RefusesBadParameters(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	for _, test := range []struct {
		cmd   ports.ListUsersCommand
		want  error
		field string
	}{
		{ports.ListUsersCommand{Limit: -1}, domain.ErrInvalidParameter, "limit"},
		{ports.ListUsersCommand{Limit: 201}, domain.ErrInvalidParameter, "limit"},
		{ports.ListUsersCommand{EmailPrefix: "a\x00"}, domain.ErrInvalidParameter, "q"},
		{ports.ListUsersCommand{EmailPrefix: "a\xff"}, domain.ErrInvalidParameter, "q"},
		{ports.ListUsersCommand{EmailPrefix: "\u212aelvin"}, domain.ErrInvalidParameter, "q"},
		{ports.ListUsersCommand{EmailPrefix: strings.Repeat("a", 255)}, domain.ErrInvalidParameter, "q"},
		{ports.ListUsersCommand{EmailPart: "ab"}, domain.ErrInvalidParameter, "contains"},
		{ports.ListUsersCommand{EmailPart: "ab\u00e9"}, domain.ErrInvalidParameter, "contains"},
		{ports.ListUsersCommand{EmailDomain: "no domain"}, domain.ErrInvalidParameter, "domain"},
		{ports.ListUsersCommand{EmailDomain: "a@b.example"}, domain.ErrInvalidParameter, "domain"},
		{ports.ListUsersCommand{Role: "root"}, domain.ErrInvalidRole, "role"},
		{ports.ListUsersCommand{Status: "gone"}, domain.ErrInvalidStatus, "status"},
		{ports.ListUsersCommand{Verified: "yes"}, domain.ErrInvalidParameter, "verified"},
		{ports.ListUsersCommand{CreatedAfter: "yesterday"}, domain.ErrInvalidParameter, "created_after"},
		{ports.ListUsersCommand{CreatedAfter: "0001-01-01T00:00:00+23:00"}, domain.ErrInvalidParameter, "created_after"},
		{ports.ListUsersCommand{CreatedBefore: "9999-12-31T23:59:59-23:00"}, domain.ErrInvalidParameter, "created_before"},
		{ports.ListUsersCommand{CreatedBefore: "0001-01-01T00:00:00Z"}, domain.ErrInvalidParameter, "created_before"},
		{ports.ListUsersCommand{Sort: "password_hash"}, domain.ErrInvalidParameter, "sort"},
		{ports.ListUsersCommand{Cursor: "junk"}, domain.ErrInvalidCursor, ""},
	} {
		refusal := b.Refused(test.want, func() error { _, err := b.List(test.cmd); return err })
		assert.Equal(t, test.field, refusal.Field)
	}
}

// V-28: whatever is done to a cursor.
func TestListUsers_RefusesForgedCursors(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Population(3)
	first, err := b.List(ports.ListUsersCommand{Limit: 1})
	require.NoError(t, err)
	cursor := first.NextCursor
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	require.NoError(t, err)
	encode := base64.RawURLEncoding.EncodeToString

	forged := []string{
		"=", " ", "null", encode([]byte{0}), encode([]byte(`{"id":"1' OR 1"}`)), strings.Repeat("A", 513), strings.Repeat("A", 100_000),
		cursor + "\n", cursor[:4] + "\r\n" + cursor[4:], cursor + "=", cursor + "A", cursor[1:], cursor[:len(cursor)-1],
		strings.ToUpper(cursor), base64.StdEncoding.EncodeToString(raw) + "=", encode(raw[:32]), encode(raw[:len(raw)-1]),
	}
	for bit := range len(raw) * 8 {
		flipped := append([]byte(nil), raw...)
		flipped[bit/8] ^= 1 << (bit % 8)
		forged = append(forged, encode(flipped))
	}
	for i := range cursor { // also where the bits are spare
		for _, c := range "AQgw_-9" {
			if other := cursor[:i] + string(c) + cursor[i+1:]; other != cursor {
				forged = append(forged, other)
			}
		}
	}
	for _, text := range forged {
		_, err := b.List(ports.ListUsersCommand{Limit: 1, Cursor: text})
		require.ErrorIs(t, err, domain.ErrInvalidCursor, "%q", text)
	}
	_, err = b.List(ports.ListUsersCommand{Limit: 1, Cursor: cursor})
	require.NoError(t, err)
}

func TestListUsers_RefusesTheCursorOfAnotherQuery(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Population(4)
	first, err := b.List(ports.ListUsersCommand{Limit: 1})
	require.NoError(t, err)
	for _, cmd := range []ports.ListUsersCommand{
		{Sort: "created_at"}, {Sort: "email"}, {EmailPrefix: "user"}, {Role: "user"}, {Status: "active"}, {Verified: "false"},
		{CreatedAfter: "2020-01-01T00:00:00Z"}, {CreatedBefore: "2030-01-01T00:00:00Z"},
	} {
		cmd.Limit, cmd.Cursor = 1, first.NextCursor
		_, err := b.List(cmd)
		require.ErrorIs(t, err, domain.ErrInvalidCursor, "%+v", cmd)
	}
}
