package badinput

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
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
		p.Do(api.Request{Method: http.MethodDelete, Path: api.Prefix + "/sessions/" + id, Token: p.user.access}).Is(http.StatusNotFound)
		userID := strings.ReplaceAll(id, p.user.sessionID, p.user.id)
		userID = strings.ReplaceAll(userID, strings.ToUpper(p.user.sessionID), strings.ToUpper(p.user.id))
		if strings.Contains(id, strings.ReplaceAll(p.user.sessionID, "-", "")) {
			userID = strings.ReplaceAll(p.user.id, "-", "")
		}
		for _, r := range []api.Request{
			{Method: http.MethodGet, Path: "/admin/users/" + userID}, {Method: http.MethodDelete, Path: "/admin/users/" + userID},
			{Method: http.MethodPatch, Path: "/admin/users/" + userID, Body: api.Object{"role": "admin"}},
			{Method: http.MethodDelete, Path: "/admin/users/" + p.user.id + "/factors/" + id}, {Method: http.MethodGet, Path: "/admin/users/" + userID + "/factors"},
			{Method: http.MethodGet, Path: "/admin/users/" + userID + "/sessions"}, {Method: http.MethodDelete, Path: "/admin/users/" + userID + "/sessions"},
		} {
			r.Path, r.Token = api.Prefix+r.Path, p.admin.access
			p.Do(r).Is(http.StatusNotFound)
		}
	}
	p.Get("/me", p.user.access).Is(http.StatusOK)
}

func deletions(p probe) {
	who := p.newUser()
	del := func(path string, body any) api.Answer {
		return p.Do(api.Request{Method: http.MethodDelete, Path: api.Prefix + path, Token: who.access, Body: body})
	}
	for _, path := range []string{"/sessions/", "/sessions//x", "/sessions/x/y", "/sessions/" + who.sessionID + "/"} {
		del(path, nil).Is(http.StatusNotFound, http.StatusMethodNotAllowed)
	}
	del("/sessions", nil).Refused(http.StatusMethodNotAllowed, "method_not_allowed")
	other := who
	p.signIn(&other)
	del("/sessions/"+other.sessionID, api.Object{"all": true}).Is(http.StatusNoContent)
	del("/sessions/"+other.sessionID, nil).Refused(http.StatusNotFound, "session_not_found")
	p.Get("/me", who.access).Is(http.StatusOK)
}

func foreignSessions(p probe) {
	who, other := p.newUser(), p.newUser()
	del := func(id string) api.Answer {
		return p.Do(api.Request{Method: http.MethodDelete, Path: api.Prefix + "/sessions/" + id, Token: who.access})
	}
	var answers []string
	for _, id := range []string{other.sessionID, p.admin.sessionID, randomID} {
		a := del(id).Refused(http.StatusNotFound, "session_not_found")
		answers = append(answers, strings.ReplaceAll(string(a.Body), a.RequestID, ""))
	}
	assert.Equal(p, []string{answers[0], answers[0], answers[0]}, answers, "the answers tell whose session it is")
	p.Get("/me", other.access).Is(http.StatusOK)
	for _, r := range []api.Request{
		{Method: http.MethodGet, Path: "/admin/users/" + other.id}, {Method: http.MethodDelete, Path: "/admin/users/" + other.id}, {Method: http.MethodGet, Path: "/admin/users/" + other.id + "/sessions"},
		{Method: http.MethodPatch, Path: "/admin/users/" + who.id, Body: api.Object{"role": "admin"}}, {Method: http.MethodGet, Path: "/admin/users"},
	} {
		r.Path, r.Token = api.Prefix+r.Path, who.access
		p.Do(r).Refused(http.StatusForbidden, "forbidden")
	}
	del(who.sessionID).Is(http.StatusNoContent)
	p.Get("/me", who.access).Refused(http.StatusUnauthorized, "session_ended")
}
