package badinput

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// page is a page of users.
type page struct {
	Users []user `json:"users"`
}

// V-29: an integer has one spelling and bounds.
func numbersInQueries(p probe) {
	for limit, good := range map[string]bool{
		"1": true, "200": true, "0": false, "-1": false, "201": false, "2147483648": false, "9223372036854775807": false, "9223372036854775808": false, "1e3": false, "01": false,
		"%2B1": false, "+1": false, "%201": false, "1%20": false, "%EF%BC%91": false, "abc": false, "": false, "1;2": false, "0x1": false, "1.0": false, "1%00": false, "%FF": false, "NaN": false, "1_0": false,
	} {
		a := p.Get("/admin/users?limit="+limit, p.admin.access)
		if !good {
			a.Refused(http.StatusUnprocessableEntity, "validation_failed").At("/limit")
			continue
		}
		assert.LessOrEqual(p, len(api.Decode[page](a.Is(http.StatusOK)).Users), 200)
	}
	for _, query := range []string{"limit=1&limit=2", "page=1", "page[]=1", "offset=-1", "page=9223372036854775807&limit=100", "limit[]=1", "limit%5B%5D=1", "LIMIT=1", "cursor=a&cursor=b"} {
		p.Get("/admin/users?"+query, p.admin.access).Is(http.StatusUnprocessableEntity)
	}
}

// B-26, T-16: patterns are plain text, and only the named orders exist.
func searchAndOrder(p probe) {
	for _, text := range []string{"%", "_", `\`, `a\`, "'", "''", "[a-z]", "p-%", "p_", `%\`, strings.Repeat("x", 7000), "p-' OR '1'='1", "*", "?", "ü", "\ufffd", "P%", "\u202e"} {
		a := p.Get("/admin/users?"+encoded("q", text), p.admin.access).Is(http.StatusOK, http.StatusUnprocessableEntity)
		if a.Status == http.StatusOK {
			assert.Empty(p, api.Decode[page](a).Users, "%q is a pattern", text)
		}
	}
	found := api.Decode[page](p.Get("/admin/users?"+encoded("q", p.user.email[:8]), p.admin.access).Is(http.StatusOK))
	assert.Equal(p, []user{{p.user.id, p.user.email, "user", true}}, found.Users)
	for _, query := range []string{
		"sort=password_hash", "sort=(select+1)", "sort=email;drop+table+users", "sort=-", "sort=--email", "sort=EMAIL", "sort=email,created_at", "sort=1", "order=asc;drop", "role=root", "role=admin'--", "status=gone",
		"verified=yes", "verified=1", "created_after=yesterday", "created_after=2026-13-01T00:00:00Z", "created_after=0000-00-00T00:00:00Z", "created_before=2026-01-01", "created_after=1767225600",
		"created_after=2026-01-01T00:00:00Z'--", "created_before=99999-01-01T00:00:00Z",
	} {
		p.Get("/admin/users?"+query, p.admin.access).Is(http.StatusUnprocessableEntity)
	}
	for _, extreme := range []string{"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00.123456789%2B14:00"} {
		for _, name := range []string{"created_after", "created_before"} {
			p.Get("/admin/users?"+name+"="+extreme, p.admin.access).Is(http.StatusOK, http.StatusUnprocessableEntity)
		}
	}
	for _, cursor := range []string{"x", "====", strings.Repeat("A", 43), strings.Repeat("A", 512), strings.Repeat("A", 4000), "%ff", "eyJrIjoiMjAyNi0wMS0xNSJ9", "-", "0"} {
		p.Get("/admin/users?cursor="+cursor, p.admin.access).Refused(http.StatusBadRequest, "invalid_cursor")
	}
}

func queryFloods(p probe) {
	for query, statuses := range map[string][]int{
		strings.Repeat("a=b&", 2500):    {http.StatusRequestURITooLong},
		strings.Repeat("&", 10000):      {http.StatusRequestURITooLong},
		strings.Repeat("a", 64<<10):     {http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge},
		strings.Repeat("a=b&", 1500):    {http.StatusOK, http.StatusUnprocessableEntity},
		strings.Repeat("x&", 3000):      {http.StatusOK, http.StatusUnprocessableEntity},
		strings.Repeat("limit=1&", 900): {http.StatusOK, http.StatusUnprocessableEntity},
		"+":                             {http.StatusOK, http.StatusUnprocessableEntity}, "a&a&a&=": {http.StatusOK, http.StatusUnprocessableEntity}, "a;b": {http.StatusOK, http.StatusUnprocessableEntity},
		"=": {http.StatusOK, http.StatusUnprocessableEntity}, "%25%zz": {http.StatusBadRequest}, "a=%": {http.StatusBadRequest}, "a=%4": {http.StatusBadRequest}, "%zz": {http.StatusBadRequest},
		"access_token=" + p.admin.access: {http.StatusOK, http.StatusUnprocessableEntity},
	} {
		for _, path := range []string{"/test/public", "/admin/users", "/me", "/forward-auth"} {
			_, a := p.exchange("query", "GET "+api.Prefix+path+"?"+query+" HTTP/1.1\r\n"+hostLine+bearer(p.admin.access)+"\r\n")
			a.Is(append(statuses, http.StatusNoContent)...)
			if path == "/test/public" && statuses[0] == http.StatusOK {
				a.Is(http.StatusOK) // it reads no parameter
			}
			if path == "/admin/users" && strings.Trim(query, "&=") != "" && statuses[0] == http.StatusOK {
				a.Refused(http.StatusUnprocessableEntity, "validation_failed")
			}
		}
	}
	// S-37: a token in an address is not read.
	_, a := p.exchange("a token in the query", "GET "+api.Prefix+"/me?access_token="+p.admin.access+" HTTP/1.1\r\n"+hostLine+"\r\n")
	a.Refused(http.StatusUnauthorized, "unauthenticated")
}
