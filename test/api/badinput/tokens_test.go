package badinput

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// tokenTakers are the operations that take a token without a login, each with its
// only answer to bad tokens.
var tokenTakers = []struct {
	path, member string
	status       int
	code         string
}{
	{"/email/verify", "token", http.StatusBadRequest, "invalid_or_expired_token"},
	{"/password/reset/check", "token", http.StatusBadRequest, "invalid_or_expired_token"},
	{"/password/reset/confirm", "token", http.StatusBadRequest, "invalid_or_expired_token"},
	{"/refresh", "refresh_token", http.StatusUnauthorized, "invalid_refresh_token"},
}

func (p probe) tryToken(path, member, token string) api.Answer {
	p.Helper()
	body := api.Object{member: token}
	if path == "/password/reset/confirm" {
		body["new_password"] = "four words of mine"
	}
	return p.Post(path, "", body)
}

// B-19, S-22, S-24: the answer is the same, word for word, for every defect. The
// suites of the use cases cover used, expired and foreign tokens.
func tokens(p probe) {
	wrong := []string{
		"", "a", strings.Repeat("t", 10<<10), "'", "%", "_", `\`, `"`, " ", "\n", "null", "0", "-1", "true", "{}", "' OR '1'='1", "$1", "%00", "\x00", "ü", "\u202e", "..", ".", "a.b", "a.b.c", "a.b.c.d",
		p.user.access, p.user.sessionID, p.user.id, strings.Repeat("A", 43), strings.Repeat("A", 42), strings.Repeat("A", 44), strings.Repeat("=", 43), strings.Repeat("-", 43),
		strings.Repeat(".", 10<<10), strings.ToUpper(p.user.refresh), p.user.refresh[1:],
	}
	for _, op := range tokenTakers {
		cases := wrong
		if op.path == "/refresh" { // its good token, spelled otherwise
			t := p.user.refresh
			cases = append(cases, " "+t, t+" ", t+"\n", t+"=", `"`+t+`"`, t[:len(t)-8]+"\n"+t[len(t)-8:], t+"\r", "Bearer "+t, url.QueryEscape(url.QueryEscape(t+" ")), t[:len(t)-1])
		} else {
			cases = append(cases, p.user.refresh)
		}
		words := map[string]bool{}
		for _, token := range cases {
			a := p.tryToken(op.path, op.member, token).Refused(op.status, op.code)
			words[a.Detail] = true
		}
		assert.Len(p, words, 1, op.path)
	}
	// The refresh token is still good: none of its spellings has used it up.
	p.Do(api.Request{Method: http.MethodGet, Path: api.Prefix + "/sessions", Token: p.user.access}).Is(http.StatusOK)
	for _, token := range []string{p.user.access + "=", p.user.access + "\u00fc", p.user.access[1:], p.user.refresh, strings.ToUpper(p.user.access), p.admin.refresh} {
		p.Get("/me", token).Refused(http.StatusUnauthorized, "unauthenticated")
	}
}

// B-20, T-10: an empty string matches no row, not even the first.
func emptyStrings(p probe) {
	for _, empty := range []string{"", " ", "\t"} {
		p.refuseAddress(empty)
		p.TryLogin(p.user.email, empty).Is(http.StatusUnauthorized, http.StatusUnprocessableEntity)
		for _, op := range tokenTakers {
			p.tryToken(op.path, op.member, empty).Refused(op.status, op.code)
		}
	}
	p.Do(api.Request{Method: http.MethodDelete, Path: api.Prefix + "/me", Token: p.user.access, Body: api.Object{"password": ""}}).Is(http.StatusUnprocessableEntity)
	p.Post("/password/change", p.user.access, api.Object{"current_password": "", "new_password": "four words of mine"}).Is(http.StatusUnprocessableEntity)
	p.Do(api.Request{Method: http.MethodDelete, Path: api.Prefix + "/sessions/", Token: p.user.access}).Is(http.StatusNotFound, http.StatusMethodNotAllowed)
	p.Do(api.Request{Method: http.MethodDelete, Path: api.Prefix + "/admin/users/", Token: p.admin.access}).Is(http.StatusNotFound, http.StatusMethodNotAllowed)
	p.Do(api.Request{Method: http.MethodPatch, Path: api.Prefix + "/admin/users/" + p.user.id, Token: p.admin.access, Body: api.Object{"role": ""}}).Is(http.StatusUnprocessableEntity)
	for _, query := range []string{"q=", "cursor=", "limit=", "role=", "status=", "verified=", "sort=", "created_after="} {
		p.Get("/admin/users?"+query, p.admin.access).Is(http.StatusBadRequest, http.StatusUnprocessableEntity)
	}
}

// B-21: null is not a text. In an optional member it counts as missing.
func nulls(p probe) {
	for _, r := range p.bodied() {
		good, _ := r.Body.(string)
		first := strings.Split(good, `"`)[1]
		for i, part := range strings.Split(good, `"`) {
			if i%4 == 3 {
				good = strings.Replace(good, `"`+part+`"`, "null", 1)
			}
		}
		r.Body = good
		if a := p.Do(r).Is(http.StatusUnprocessableEntity); !strings.Contains(r.Path, "/admin/users/") {
			a.At("/" + first)
		}
	}
}
