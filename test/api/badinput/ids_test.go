package badinput

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/assert"
)

// encoded is a query parameter of any text.
func encoded(name, text string) string { return name + "=" + url.QueryEscape(text) }

// escaped is a path segment of any text, with every byte escaped that could be
// anything but itself.
func escaped(text string) string {
	if text == "" || text == "." || text == ".." {
		return "%2e" + text
	}
	return url.PathEscape(text)
}

const randomID = "0198ffff-ffff-7fff-bfff-ffffffffffff"

// B-22, T-10: an id is one spelling of one row, never a condition.
func strangeIDs(p probe) {
	for _, id := range []string{
		"1", "0", "-1", "1%20OR%201=1", "id=1", "%27", "%27);--", "');--", "$$", "$1", "{uuid}", "urn:uuid:" + p.user.sessionID, strings.ToUpper(p.user.sessionID), "{" + p.user.sessionID + "}",
		strings.ReplaceAll(p.user.sessionID, "-", ""), p.user.sessionID + "%20", "%20" + p.user.sessionID, p.user.sessionID + "%0a", strings.Repeat("a", 400), "%2e", "%2e%2e", "%2f", p.user.sessionID + ";x",
		p.user.sessionID + "%00", "%ff", "%c3%28", "*", "%25", "_", "null", "undefined", "true", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", p.user.sessionID + "x", randomID,
	} {
		p.do(request{method: http.MethodDelete, path: api + "/sessions/" + id, token: p.user.access}).is(http.StatusNotFound)
		userID := strings.ReplaceAll(id, p.user.sessionID, p.user.id)
		userID = strings.ReplaceAll(userID, strings.ToUpper(p.user.sessionID), strings.ToUpper(p.user.id))
		if strings.Contains(id, strings.ReplaceAll(p.user.sessionID, "-", "")) {
			userID = strings.ReplaceAll(p.user.id, "-", "")
		}
		for _, r := range []request{
			{method: http.MethodGet, path: "/admin/users/" + userID}, {method: http.MethodDelete, path: "/admin/users/" + userID},
			{method: http.MethodPatch, path: "/admin/users/" + userID, body: object{"role": "admin"}},
			{method: http.MethodGet, path: "/admin/users/" + userID + "/sessions"}, {method: http.MethodDelete, path: "/admin/users/" + userID + "/sessions"},
		} {
			r.path, r.token = api+r.path, p.admin.access
			p.do(r).is(http.StatusNotFound)
		}
	}
	p.get("/me", p.user.access).is(http.StatusOK)
}

func deletions(p probe) {
	who := p.newUser()
	del := func(path string, body any) answer {
		return p.do(request{method: http.MethodDelete, path: api + path, token: who.access, body: body})
	}
	for _, path := range []string{"/sessions/", "/sessions//x", "/sessions/x/y", "/sessions/" + who.sessionID + "/"} {
		del(path, nil).is(http.StatusNotFound, http.StatusMethodNotAllowed)
	}
	del("/sessions", nil).refused(http.StatusMethodNotAllowed, "method_not_allowed")
	other := who
	p.signIn(&other)
	del("/sessions/"+other.sessionID, object{"all": true}).is(http.StatusNoContent)
	del("/sessions/"+other.sessionID, nil).refused(http.StatusNotFound, "session_not_found")
	p.get("/me", who.access).is(http.StatusOK)
}

func foreignSessions(p probe) {
	who, other := p.newUser(), p.newUser()
	del := func(id string) answer {
		return p.do(request{method: http.MethodDelete, path: api + "/sessions/" + id, token: who.access})
	}
	var answers []string
	for _, id := range []string{other.sessionID, p.admin.sessionID, randomID} {
		a := del(id).refused(http.StatusNotFound, "session_not_found")
		answers = append(answers, strings.ReplaceAll(string(a.body), a.RequestID, ""))
	}
	assert.Equal(p, []string{answers[0], answers[0], answers[0]}, answers, "the answers tell whose session it is")
	p.get("/me", other.access).is(http.StatusOK)
	for _, r := range []request{
		{method: http.MethodGet, path: "/admin/users/" + other.id}, {method: http.MethodDelete, path: "/admin/users/" + other.id}, {method: http.MethodGet, path: "/admin/users/" + other.id + "/sessions"},
		{method: http.MethodPatch, path: "/admin/users/" + who.id, body: object{"role": "admin"}}, {method: http.MethodGet, path: "/admin/users"},
	} {
		r.path, r.token = api+r.path, who.access
		p.do(r).refused(http.StatusForbidden, "forbidden")
	}
	del(who.sessionID).is(http.StatusNoContent)
	p.get("/me", who.access).refused(http.StatusUnauthorized, "session_ended")
}
