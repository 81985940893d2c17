package badinput

import (
	"fmt"
	"net/http"
	"strings"
)

// bodied are the operations that take a body, each with one of the right form.
func (p probe) bodied() []request {
	return []request{
		{method: http.MethodPost, path: api + "/email/register", body: `{"email":"nobody@example.com","password":"` + secret + `"}`},
		{method: http.MethodPost, path: api + "/email/verify", body: `{"token":"` + secret + `"}`},
		{method: http.MethodPost, path: api + "/email/verify/request", body: `{"email":"nobody@example.com"}`},
		{method: http.MethodPost, path: api + "/email/change", token: p.user.access, body: `{"new_email":"nobody@example.com","current_password":"` + secret + `"}`},
		{method: http.MethodPost, path: api + "/login", body: `{"email":"nobody@example.com","password":"` + secret + `"}`},
		{method: http.MethodPost, path: api + "/refresh", body: `{"refresh_token":"` + secret + `"}`},
		{method: http.MethodPost, path: api + "/password/reset/request", body: `{"email":"nobody@example.com"}`},
		{method: http.MethodPost, path: api + "/password/reset/confirm", body: `{"token":"` + secret + `","new_password":"` + secret + `"}`},
		{method: http.MethodPost, path: api + "/password/change", token: p.user.access, body: `{"current_password":"` + secret + `","new_password":"` + secret + `"}`},
		{method: http.MethodDelete, path: api + "/me", token: p.user.access, body: `{"password":"` + secret + `"}`},
		{method: http.MethodPost, path: api + "/admin/users", token: p.admin.access, body: `{"email":"nobody@example.com","password":"` + secret + `"}`},
		{method: http.MethodPatch, path: api + "/admin/users/" + p.user.id, token: p.admin.access, body: `{"role":"admin"}`},
	}
}

// everywhere sends a body to every operation that takes one.
func (p probe) everywhere(body any, judge func(r request, a answer)) {
	p.Helper()
	for _, r := range p.bodied() {
		r.body = body
		judge(r, p.do(r))
	}
}

func emptyAndOddBodies(p probe) {
	p.everywhere("", func(r request, a answer) {
		if r.path == api+"/refresh" { // without a body it takes a bearer token
			a.refused(http.StatusUnauthorized, "invalid_refresh_token")
			return
		}
		a.refused(http.StatusBadRequest, "body_missing")
	})
	for _, body := range []string{" \n\t", "\ufeff{}", "\ufeff" + `{"email":"a@example.com","password":"` + secret + `"}`} {
		p.everywhere(body, func(_ request, a answer) { a.refused(http.StatusBadRequest, "invalid_json") })
	}
	for _, body := range []string{"null", "[]", `"x"`, "1", "true", "{}", " { } "} {
		p.everywhere(body, func(r request, a answer) {
			if strings.HasPrefix(r.path, api+"/admin/users/") && strings.Contains(body, "}") {
				a.is(http.StatusOK, http.StatusUnprocessableEntity) // it asks for no change
				return
			}
			a.refused(http.StatusUnprocessableEntity, "validation_failed")
		})
	}
}

func jsonSuite(p probe) {
	for _, text := range jsonTexts(p) {
		for _, path := range []string{"/login", "/refresh"} {
			a := p.post(path, "", text.Input)
			switch {
			case text.Input == "" && path == "/refresh":
				a.refused(http.StatusUnauthorized, "invalid_refresh_token")
			case text.Input == "":
				a.refused(http.StatusBadRequest, "body_missing")
			case len(text.Input) > 64<<10:
				a.refused(http.StatusRequestEntityTooLarge, "body_too_large")
			case text.Name[0] == 'n':
				a.refused(http.StatusBadRequest, "invalid_json")
			case strings.Contains(text.Name, "duplicated"):
				a.refused(http.StatusBadRequest, "invalid_json") // valid, and still ambiguous (B-03)
			case text.Name[0] == 'y' && !strings.Contains(text.Name, "huge"):
				a.refused(http.StatusUnprocessableEntity, "validation_failed")
			default:
				a.is(http.StatusBadRequest, http.StatusUnprocessableEntity)
			}
		}
	}
	deep := strings.Repeat("[", 32<<10) + strings.Repeat("]", 32<<10)
	p.everywhere(deep, func(_ request, a answer) { a.is(http.StatusBadRequest, http.StatusUnprocessableEntity) })
}

// All operations answer alike: none reads a name that another one refuses.
func ambiguousNames(p probe) {
	for _, r := range p.bodied() {
		body, ok := r.body.(string)
		if !ok {
			p.Fatalf("%s has no text", r.path)
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
			twice.body = inner + `,"` + again + `":"` + secret + `"}`
			p.do(twice).is(status)
		}
		instead := r
		instead.body = strings.Replace(body, name, strings.ToUpper(name), 1)
		p.do(instead).refused(http.StatusUnprocessableEntity, "validation_failed")
	}
}

func invalidUTF8(p probe) {
	for _, bytes := range []string{
		"\xff\xfe", "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82",
		`\ud800`, `\udc00`, `\ud800\ud800`, `\udc00\ud800`, `\ud83d`, `\ud83dx`,
	} {
		for _, body := range []string{
			`{"email":"a@example.com","password":"` + secret + bytes + `"}`, `{"email":"a` + bytes + `@example.com","password":"` + secret + `"}`,
			`{"email":"a@example.com","password":"` + secret + `","` + bytes + `":1}`, `{"token":"` + secret + bytes + `"}`,
		} {
			p.everywhere(body, func(_ request, a answer) { a.refused(http.StatusBadRequest, "invalid_json") })
		}
	}
	p.everywhere("\xff\xfe{\x00}\x00", func(_ request, a answer) { a.refused(http.StatusBadRequest, "invalid_json") })
}

func wrongTypes(p probe) {
	huge := strings.Repeat("9", 50000)
	for _, r := range p.bodied() {
		body, _ := r.body.(string)
		for i, name := range strings.Split(body, `"`) {
			if i%4 != 1 {
				continue
			}
			for _, value := range []string{`["a"]`, `{"a":"b"}`, "1", "-1.5e3", "true", "false", "[]", "{}", "null", `[[{"a":[1]}]]`, "1e400", huge} {
				if value == "null" && strings.Contains(r.path, "/admin/") {
					continue // may be left out; see B-21
				}
				wrong := r
				wrong.body = `{"` + name + `":` + value + `}`
				a := p.do(wrong)
				if value == "1e400" || value == huge { // no double holds them
					a.is(http.StatusBadRequest, http.StatusUnprocessableEntity)
					continue
				}
				a.refused(http.StatusUnprocessableEntity, "validation_failed").at("/" + name)
			}
		}
	}
	flag := request{method: http.MethodPost, path: api + "/admin/users", token: p.admin.access}
	for _, value := range []string{`"true"`, "1", "[true]"} {
		flag.body = `{"email":"nobody@example.com","password":"` + secret + `","email_verified":` + value + `}`
		p.do(flag).refused(http.StatusUnprocessableEntity, "validation_failed").at("/email_verified")
	}
}

func trailingData(p probe) {
	for _, r := range p.bodied() {
		good, _ := r.body.(string)
		for _, body := range []string{
			good + good, good + "x", good + "\n" + good, good + ",", good + "]", good + "\x00", "/* */" + good, good + "// x", "# x\n" + good,
			strings.ReplaceAll(good, `"`, `'`), strings.TrimSuffix(good, "}") + ",}", strings.TrimSuffix(good, "}"), `{"email":NaN}`, `{"email":Infinity}`,
			`{email:"a@example.com"}`, `{"email":"a@example.com",}`, `{"email":+1}`, `{"email":01}`, `{"email":.5}`, `{"email":"` + "\n" + `"}`, `{"email":"\x61"}`,
		} {
			r.body = body
			p.do(r).refused(http.StatusBadRequest, "invalid_json")
		}
	}
}
