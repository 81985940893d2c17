package badinput

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// requestIDs matches the request ids that the service accepts.
var requestIDs = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// B-16, S-47: a login with any text about the client, sent byte by byte.
func clientTexts(p probe) {
	who := p.newUser()
	body, err := json.Marshal(api.Object{"email": who.email, "password": who.password})
	require.NoError(p, err)
	login := func(lines string) api.Answer {
		return api.Patiently(func() api.Answer {
			_, a := p.exchange("login as "+lines, rawPost+lines+fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
			return a
		})
	}
	for _, text := range []string{
		"\xff\xfe\xfd", strings.Repeat("u", 8000), "a\x1b[31mred\x1b[0m", "emoji 🔑", "", " ", "ü\xc3", `{"level":"info"}`, "'; DROP TABLE users; --", "%00%0d%0a", "<script>",
		strings.Repeat("ä", 600), strings.Repeat("x", 511) + "ä", "\xed\xa0\x80",
	} {
		for _, name := range []string{"User-Agent", "Accept-Language", "X-Request-ID"} {
			a := login(name+": "+text+"\r\n").Is(http.StatusOK, http.StatusBadRequest)
			if a.Status == http.StatusBadRequest { // control characters are not HTTP
				assert.Regexp(p, "[\x00-\x08\x0b-\x1f]", text, a.What)
			}
		}
	}
	login(strings.Repeat("User-Agent: several\r\n", 20)).Is(http.StatusOK)
	login("").Is(http.StatusOK)
	for _, folded := range []string{"User-Agent: a\r\n b\r\n", "User-Agent: a\rb\r\n", "User-Agent: a\nX-Injected: b\r\n"} {
		login(folded).Is(http.StatusOK, http.StatusBadRequest)
	}
	rows := p.query(p, "SELECT user_agent FROM user_sessions WHERE user_id = $1", who.id)
	require.Greater(p, len(rows), 10)
	for _, row := range rows {
		assert.True(p, utf8.ValidString(row) && len(row) < 2100, row)
		assert.NotContains(p, row, `\x1b`)
	}
	for _, id := range []string{"good-id_1.2", strings.Repeat("a", 64), strings.Repeat("a", 65), "a b", "ä", "\xff", "", "a,b", "../x", strings.Repeat("r", 8000)} {
		_, a := p.exchange("X-Request-ID", rawGet+"X-Request-ID: "+id+"\r\n\r\n")
		given := a.Is(http.StatusOK).Header.Get("X-Request-Id") // F-L6: never a stranger's own
		assert.Regexp(p, requestIDs, given, "%q", id)
		assert.NotEqual(p, id, given)
	}
	for line := range strings.Lines(p.process.Stderr.String()) {
		assert.NotContains(p, line, "\x1b[31m", "the log carries control sequences of a client")
	}
}

// B-17: each string in every field that takes text. The other members are valid,
// so that the string gets as far as possible.
func naughtyTexts(p probe) {
	who := p.newUser()
	list := naughtyStrings(p)
	taken := 0
	for i, text := range list {
		for _, a := range []api.Answer{
			p.Post("/email/verify", "", api.Object{"token": text}),
			p.Post("/password/reset/check", "", api.Object{"token": text}),
			p.Post("/password/reset/confirm", "", api.Object{"token": text, "new_password": text}),
			p.Post("/password/reset/request", "", api.Object{"email": text}),
			p.Post("/refresh", "", api.Object{"refresh_token": text}),
			p.Post("/email/change", who.access, api.Object{"new_email": text, "current_password": text}),
			p.Do(api.Request{Method: http.MethodPatch, Path: api.Prefix + "/admin/users/" + who.id, Token: p.admin.access, Body: api.Object{"role": text}}),
			p.Do(api.Request{Method: http.MethodPost, Path: api.Prefix + "/login", Body: api.Object{"email": who.email, "password": who.password, text + ".": text}}),
		} {
			a.Is(http.StatusBadRequest, http.StatusUnauthorized, http.StatusUnprocessableEntity)
		}
		p.Get("/admin/users?"+encoded("q", text), p.admin.access).Is(http.StatusOK, http.StatusUnprocessableEntity)
		p.Get("/admin/users?"+encoded("cursor", text), p.admin.access).Is(http.StatusBadRequest, http.StatusUnprocessableEntity)
		p.Get("/admin/users/"+escaped(text), p.admin.access).Is(http.StatusOK, http.StatusNotFound)
		if i%16 == 0 { // those that cost a hash
			taken += p.naughtyPassword(text)
		}
	}
	assert.Positive(p, taken)
	p.Get("/me", who.access).Is(http.StatusOK)
}

// naughtyPassword creates a user with the text as password and signs in with
// exactly that. It returns 1 if the text was accepted.
func (p probe) naughtyPassword(text string) int {
	p.Helper()
	email := newPerson().email
	a := p.Post("/admin/users", p.admin.access, api.Object{"email": email, "password": text, "email_verified": true})
	if a.Is(http.StatusCreated, http.StatusUnprocessableEntity).Status != http.StatusCreated {
		assert.Regexp(p, "^(password_|validation_failed)", a.Code)
		return 0
	}
	p.TryLogin(email, text).Is(http.StatusOK)
	p.TryLogin(email, text+" ").Refused(http.StatusUnauthorized, "invalid_credentials")
	return 1
}

func refusedPasswords(p probe) {
	takers := func(password string) []api.Answer {
		return []api.Answer{
			p.Post("/email/register", "", api.Object{"email": "nobody@example.com", "password": password}),
			p.Post("/admin/users", p.admin.access, api.Object{"email": "nobody@example.com", "password": password}),
			p.Post("/password/change", p.user.access, api.Object{"current_password": p.user.password, "new_password": password}),
		}
	}
	for password, code := range map[string]string{
		"a": "password_too_short", "xkqzvbw": "password_too_short", "🔑🔑🔑🔑🔑🔑🔑": "password_too_short",
		strings.Repeat("a", domain.MaxPasswordLength+1): "password_too_long", strings.Repeat("🔑", domain.MaxPasswordLength+1): "password_too_long",
		padded(1000): "password_too_long", padded(60000): "password_too_long", "abcdefg\x00h": "password_unreadable",
	} {
		for _, a := range takers(password) {
			a.Refused(http.StatusUnprocessableEntity, code)
		}
		p.TryLogin(p.user.email, password).Is(http.StatusUnauthorized, http.StatusUnprocessableEntity)
	}
	for i, a := range takers("") {
		a.Refused(http.StatusUnprocessableEntity, []string{"password_too_short", "validation_failed", "password_too_short"}[i])
	}
	for _, a := range takers(padded(1 << 20)) {
		a.Refused(http.StatusRequestEntityTooLarge, "body_too_large")
	}
}

func strangePasswords(p probe) {
	for _, password := range []string{
		"xkqzvbwm", strings.Repeat("ab", 36), strings.Repeat("ab", 36) + "c", strings.Repeat("🔑", 64), strings.Repeat("k9", domain.MaxPasswordLength/2), " \u00a0 \u2003 \u3000 \u00a0 ",
		strings.Repeat("\u0301", 9), "סיסמה ארוכה מאוד", "\ufeffbyte order mark", "caf\u00e9 noir et noir", "cafe\u0301 noir et noir", "\u202ereversed text", "tab\tand\nline",
		"' OR '1'='1' --", `{"$ne":null}`, "%s%s%s%n%x", "\u007f\u0080\u0081\u0082\u0083\u0084\u0085\u0086",
	} {
		email := newPerson().email
		p.Post("/admin/users", p.admin.access, api.Object{"email": email, "password": password, "email_verified": true}).Is(http.StatusCreated)
		p.TryLogin(email, password).Is(http.StatusOK)
		last := []rune(password)
		for _, other := range []string{password + "x", string(last[:len(last)-1]), strings.ToUpper(password) + "x", " " + password} {
			p.TryLogin(email, other).Refused(http.StatusUnauthorized, "invalid_credentials")
		}
	}
}
