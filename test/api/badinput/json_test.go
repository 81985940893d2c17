package badinput

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// bodied are the operations that take a body, each with one of the right form.
func (p probe) bodied() []api.Request {
	return []api.Request{
		{Method: http.MethodPost, Path: api.Prefix + "/email/register", Body: `{"email":"nobody@example.com","password":"` + secret + `"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/email/verify", Body: `{"token":"` + secret + `"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/email/verify/request", Body: `{"email":"nobody@example.com"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/email/change", Token: p.user.access, Body: `{"new_email":"nobody@example.com","current_password":"` + secret + `"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/login", Body: `{"email":"nobody@example.com","password":"` + secret + `"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/refresh", Body: `{"refresh_token":"` + secret + `"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/password/reset/request", Body: `{"email":"nobody@example.com"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/password/reset/confirm", Body: `{"token":"` + secret + `","new_password":"` + secret + `"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/password/change", Token: p.user.access, Body: `{"current_password":"` + secret + `","new_password":"` + secret + `"}`},
		{Method: http.MethodDelete, Path: api.Prefix + "/me", Token: p.user.access, Body: `{"password":"` + secret + `"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/me/delete", Token: p.user.access, Body: `{"password":"` + secret + `"}`},
		{Method: http.MethodPost, Path: api.Prefix + "/admin/users", Token: p.admin.access, Body: `{"email":"nobody@example.com","password":"` + secret + `"}`},
		{Method: http.MethodPatch, Path: api.Prefix + "/admin/users/" + p.user.id, Token: p.admin.access, Body: `{"role":"admin"}`},
	}
}

// everywhere sends a body to every operation that takes one.
func (p probe) everywhere(body any, judge func(r api.Request, a api.Answer)) {
	p.Helper()
	for _, r := range p.bodied() {
		r.Body = body
		judge(r, p.Do(r))
	}
}

func emptyAndOddBodies(p probe) {
	p.everywhere("", func(r api.Request, a api.Answer) {
		if r.Path == api.Prefix+"/refresh" { // without a body it takes a bearer token
			a.Refused(http.StatusUnauthorized, "invalid_refresh_token")
			return
		}
		a.Refused(http.StatusBadRequest, "body_missing")
	})
	for _, body := range []string{" \n\t", "\ufeff{}", "\ufeff" + `{"email":"a@example.com","password":"` + secret + `"}`} {
		p.everywhere(body, func(_ api.Request, a api.Answer) { a.Refused(http.StatusBadRequest, "invalid_json") })
	}
	for _, body := range []string{"null", "[]", `"x"`, "1", "true", "{}", " { } "} {
		p.everywhere(body, func(r api.Request, a api.Answer) {
			if strings.HasPrefix(r.Path, api.Prefix+"/admin/users/") && strings.Contains(body, "}") {
				a.Is(http.StatusOK, http.StatusUnprocessableEntity) // it asks for no change
				return
			}
			a.Refused(http.StatusUnprocessableEntity, "validation_failed")
		})
	}
}

// T-14: each text has one meaning, or none.
func jsonSuite(p probe) {
	for _, text := range jsonTexts(p) {
		for _, path := range []string{"/login", "/refresh"} {
			a := p.Post(path, "", text.Input)
			switch {
			case text.Input == "" && path == "/refresh":
				a.Refused(http.StatusUnauthorized, "invalid_refresh_token")
			case text.Input == "":
				a.Refused(http.StatusBadRequest, "body_missing")
			case len(text.Input) > 64<<10:
				a.Refused(http.StatusRequestEntityTooLarge, "body_too_large")
			case text.Name[0] == 'n':
				a.Refused(http.StatusBadRequest, "invalid_json")
			case strings.Contains(text.Name, "duplicated"):
				a.Refused(http.StatusBadRequest, "invalid_json") // valid, and still ambiguous (B-03)
			case text.Name[0] == 'y' && !strings.Contains(text.Name, "huge"):
				a.Refused(http.StatusUnprocessableEntity, "validation_failed")
			default:
				a.Is(http.StatusBadRequest, http.StatusUnprocessableEntity)
			}
		}
	}
	deep := strings.Repeat("[", 32<<10) + strings.Repeat("]", 32<<10)
	p.everywhere(deep, func(_ api.Request, a api.Answer) { a.Is(http.StatusBadRequest, http.StatusUnprocessableEntity) })
	for _, open := range []string{strings.Repeat("[", 60000), strings.Repeat(`{"a":`, 10000)} {
		p.everywhere(open, func(_ api.Request, a api.Answer) { a.Refused(http.StatusBadRequest, "invalid_json") })
	}
}

// T-14: all operations answer alike, so none of them reads a name that another one
// refuses.
func ambiguousNames(p probe) {
	for _, r := range p.bodied() {
		body, ok := r.Body.(string)
		if !ok {
			p.Fatalf("%s has no text", r.Path)
		}
		name := strings.Split(body, `"`)[1]
		inner := strings.TrimSuffix(body, "}")
		for again, status := range map[string]int{
			name: http.StatusBadRequest,
			fmt.Sprintf(`\u%04x`, name[0]) + name[1:]:  http.StatusBadRequest,
			strings.ToUpper(name):                      http.StatusUnprocessableEntity,
			strings.ToUpper(name[:1]) + name[1:]:       http.StatusUnprocessableEntity,
			strings.Replace(name+"\u017f", "s", "", 1): http.StatusUnprocessableEntity,
		} {
			twice := r
			twice.Body = inner + `,"` + again + `":"` + secret + `"}`
			if a := p.Do(twice).Is(status); status == http.StatusBadRequest {
				assert.Contains(p, a.Detail, "twice")
			}
		}
		instead := r
		instead.Body = strings.Replace(body, name, strings.ToUpper(name), 1)
		p.Do(instead).Refused(http.StatusUnprocessableEntity, "validation_failed")
	}
}

// T-14: no byte is replaced by another one.
func invalidUTF8(p probe) {
	for _, bytes := range []string{
		"\xff\xfe", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82",
		`\ud800`, `\udc00`, `\ud800\ud800`, `\udc00\ud800`, `\ud83d`, `\ud83dx`,
	} {
		for _, body := range []string{
			`{"email":"a@example.com","password":"` + secret + bytes + `"}`, `{"email":"a` + bytes + `@example.com","password":"` + secret + `"}`,
			`{"email":"a@example.com","password":"` + secret + `","` + bytes + `":1}`, `{"token":"` + secret + bytes + `"}`,
		} {
			p.everywhere(body, func(_ api.Request, a api.Answer) { a.Refused(http.StatusBadRequest, "invalid_json") })
		}
	}
	p.everywhere("\xff\xfe{\x00}\x00", func(_ api.Request, a api.Answer) { a.Refused(http.StatusBadRequest, "invalid_json") })
}

func wrongTypes(p probe) {
	huge := strings.Repeat("9", 50000)
	for _, r := range p.bodied() {
		body, _ := r.Body.(string)
		for i, name := range strings.Split(body, `"`) {
			if i%4 != 1 {
				continue
			}
			for _, value := range []string{`["a"]`, `{"a":"b"}`, "1", "-1.5e3", "true", "false", "[]", "{}", "null", `[[{"a":[1]}]]`, "1e400", huge} {
				if value == "null" && strings.Contains(r.Path, "/admin/") {
					continue // may be left out; see B-21
				}
				wrong := r
				wrong.Body = `{"` + name + `":` + value + `}`
				a := p.Do(wrong)
				if value == "1e400" || value == huge { // no double holds them
					a.Is(http.StatusBadRequest, http.StatusUnprocessableEntity)
					continue
				}
				a.Refused(http.StatusUnprocessableEntity, "validation_failed").At("/" + name)
			}
		}
	}
	flag := api.Request{Method: http.MethodPost, Path: api.Prefix + "/admin/users", Token: p.admin.access}
	for _, value := range []string{`"true"`, "1", "[true]"} {
		flag.Body = `{"email":"nobody@example.com","password":"` + secret + `","email_verified":` + value + `}`
		p.Do(flag).Refused(http.StatusUnprocessableEntity, "validation_failed").At("/email_verified")
	}
}

func trailingData(p probe) {
	for _, r := range p.bodied() {
		good, _ := r.Body.(string)
		for _, body := range []string{
			good + good, good + "x", good + "\n" + good, good + ",", good + "]", good + "\x00", "/* */" + good, good + "// x", "# x\n" + good,
			strings.ReplaceAll(good, `"`, `'`), strings.TrimSuffix(good, "}") + ",}", strings.TrimSuffix(good, "}"), `{"email":NaN}`, `{"email":Infinity}`,
			`{email:"a@example.com"}`, `{"email":"a@example.com",}`, `{"email":+1}`, `{"email":01}`, `{"email":.5}`, `{"email":"` + "\n" + `"}`, `{"email":"\x61"}`,
		} {
			r.Body = body
			p.Do(r).Refused(http.StatusBadRequest, "invalid_json")
		}
	}
}
