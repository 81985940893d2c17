package badinput

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// T-16: SQLite would accept every NUL, PostgreSQL would not.
func nul(p probe) {
	for body, path := range map[string]string{
		`{"email":"a\u0000@example.com","password":"` + secret + `"}`: "/login",
		`{"email":"a@example.com\u0000","password":"` + secret + `"}`: "/email/register",
		`{"email":"a@example.com","password":"` + secret + `\u0000"}`: "/email/register",
		`{"email":"\u0000"}`:                                   "/password/reset/request",
		`{"email":"a@example.com\u0000b"}`:                     "/email/verify/request",
		`{"email":"\u0000a@example.com"}`:                      "/email/verify/request",
		`{"token":"` + secret + `\u0000"}`:                     "/email/verify",
		`{"token":"a\u0000b","new_password":"` + secret + `"}`: "/password/reset/confirm",
		`{"refresh_token":"` + secret + `\u0000"}`:             "/refresh",
	} {
		p.Post(path, "", body).Is(http.StatusBadRequest, http.StatusUnauthorized, http.StatusUnprocessableEntity)
	}
	// A login that is refused must not have cut the password at the NUL.
	p.TryLogin(p.user.email, p.user.password+"\x00").Is(http.StatusUnauthorized, http.StatusUnprocessableEntity)
	p.TryLogin(p.user.email, p.user.password+"\x00"+p.user.password).Is(http.StatusUnauthorized, http.StatusUnprocessableEntity)
	for _, field := range []string{`{"new_email":"a\u0000@example.com","current_password":"x"}`, `{"new_email":"a@example.com","current_password":"\u0000"}`} {
		p.Post("/email/change", p.user.access, field).Is(http.StatusUnprocessableEntity)
	}
	p.Post("/admin/users", p.admin.access, `{"email":"a@example.com","password":"`+secret+`\u0000"}`).Refused(http.StatusUnprocessableEntity, "password_unreadable").At("/password")
	for _, query := range []string{"q=a%00b", "q=%00", "cursor=%00", "created_after=%00", "role=%00", "sort=email%00", "%00=1"} {
		p.Get("/admin/users?"+query, p.admin.access).Is(http.StatusBadRequest, http.StatusUnprocessableEntity)
	}
	for _, path := range []string{"/admin/users/%00", "/admin/users/" + p.user.id + "%00", "/admin/users/%00/sessions", "/me%00"} {
		p.Get(path, p.admin.access).Is(http.StatusNotFound)
	}
	p.Do(api.Request{Method: http.MethodDelete, Path: api.Prefix + "/sessions/" + p.user.sessionID + "%00", Token: p.user.access}).Refused(http.StatusNotFound, "session_not_found")
	for _, header := range []string{"User-Agent: a\x00b\r\n", "X-Request-ID: a\x00b\r\n", "X-\x00: a\r\n"} {
		_, a := p.exchange("NUL in a header", rawGet+header+"\r\n")
		a.Refused(http.StatusBadRequest, "malformed_request")
	}
}

// T-02, V-37: nothing is unpacked, so a compression bomb stays small.
func compressedBodies(p probe) {
	plain := []byte(`{"email":"` + p.user.email + `","password":"` + p.user.password + `"}`)
	var zipped, deflated, bomb bytes.Buffer
	for out, writer := range map[*bytes.Buffer]interface {
		Write(b []byte) (int, error)
		Close() error
	}{&zipped: gzip.NewWriter(&zipped), &deflated: zlib.NewWriter(&deflated)} {
		_, err := writer.Write(plain)
		require.NoError(p, err)
		require.NoError(p, writer.Close())
		require.NotEmpty(p, out.Bytes())
	}
	zeros, err := gzip.NewWriterLevel(&bomb, gzip.BestCompression)
	require.NoError(p, err)
	for range 56 {
		_, err = zeros.Write(make([]byte, 1<<20))
		require.NoError(p, err)
	}
	require.NoError(p, zeros.Close())
	require.Less(p, bomb.Len(), 64<<10)
	before := p.residentMegabytes()
	for range 20 {
		for encoding, body := range map[string][]byte{
			"gzip": zipped.Bytes(), "deflate": deflated.Bytes(), "GZIP": bomb.Bytes(), "x-gzip": bomb.Bytes(), "br": {0x0b, 0x02, 0x80}, "zstd": plain, "gzip,gzip": plain,
			"gzip, gzip": plain, "identity": plain, "bogus": plain, "gzip ": []byte("\x1f\x8b broken"),
		} {
			a := p.Do(api.Request{Method: http.MethodPost, Path: api.Prefix + "/login", Body: body, Header: http.Header{"Content-Encoding": {encoding}}})
			a.Refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
		}
	}
	// Twenty bombs would be a gigabyte. Other rows are running, so there is room.
	assert.Less(p, p.residentMegabytes()-before, 400.0, "the bombs went off")
	p.Post("/login", "", zipped.Bytes()).Refused(http.StatusBadRequest, "invalid_json")
}

// residentMegabytes is the memory that the program occupies.
func (p probe) residentMegabytes() float64 {
	p.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.process.PID()))
	require.NoError(p, err)
	var size, resident float64
	_, err = fmt.Sscan(string(content), &size, &resident)
	require.NoError(p, err)
	return resident * float64(os.Getpagesize()) / 1e6
}

// V-12, S-44: members that a client must not set have no effect anywhere.
func massAssignment(p probe) {
	for _, r := range p.bodied() {
		good, _ := r.Body.(string)
		for _, member := range []string{
			"is_admin", "id", "user_id", "sub", "sid", "created_at", "password_hash", "session_epoch", "verified", "version", "__proto__", "constructor", "$where",
		} {
			r.Body = strings.TrimSuffix(good, "}") + `,"` + member + `":"x"}`
			p.Do(r).Refused(http.StatusUnprocessableEntity, "validation_failed").At("/" + member)
		}
	}
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, `,"m%d":1`, i)
	}
	// The checks of every answer bound its length, whatever names were sent.
	for _, body := range []string{`{"` + strings.Repeat(secret, 1000) + `":1}`, "{" + many.String()[1:] + "}"} {
		p.everywhere(body, func(_ api.Request, a api.Answer) { a.Refused(http.StatusUnprocessableEntity, "validation_failed") })
	}
	for _, r := range p.bodied() {
		good, _ := r.Body.(string)
		if strings.Contains(r.Path, "/admin/") {
			continue
		}
		for _, member := range []string{`"role":"admin"`, `"email_verified":true`, `"status":"active"`} {
			r.Body = strings.TrimSuffix(good, "}") + "," + member + "}"
			p.Do(r).Refused(http.StatusUnprocessableEntity, "validation_failed")
		}
	}
	me := api.Decode[user](p.Get("/me", p.user.access).Is(http.StatusOK))
	assert.Equal(p, user{p.user.id, p.user.email, "user", true}, me)
}

// S-40, V-37: bodies are JSON by their type, and nothing else is read.
func mediaTypes(p probe) {
	for _, r := range p.bodied() {
		for _, contentType := range [][]string{
			{""}, {}, {"text/plain"}, {"application/x-www-form-urlencoded"}, {"multipart/form-data; boundary=x"}, {"application/xml"}, {"application/jsonp"}, {"text/json"},
			{"application/json; charset=utf-16"}, {"application/json; charset=iso-8859-1"}, {"application/json; x=" + strings.Repeat("a", 5000)}, {"application/" + strings.Repeat("j", 5000)},
			{"application/json, text/plain"}, {"application/json", "text/plain"}, {"text/plain", "application/json"}, {";"}, {"json"}, {"*/*"}, {"application/problem+json"},
		} {
			r.Header = http.Header{"Content-Type": contentType}
			p.Do(r).Refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
		}
	}
	form := api.Request{Method: http.MethodPost, Path: api.Prefix + "/login", Body: "a[99999999999]=1"} // V-37
	form.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	p.Do(form).Refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
	for _, contentType := range []string{"application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=UTF-8"} {
		a := p.Do(api.Request{Method: http.MethodPost, Path: api.Prefix + "/email/verify", Body: `{"token":"` + secret + `"}`, Header: http.Header{"Content-Type": {contentType}}})
		a.Refused(http.StatusBadRequest, "invalid_or_expired_token")
	}
}

func bodySizes(p probe) {
	const limit = 64 << 10
	body := `{"token":"` + secret + `"}`
	p.Post("/email/verify", "", body+strings.Repeat(" ", limit-len(body))).Refused(http.StatusBadRequest, "invalid_or_expired_token")
	for _, r := range p.bodied() {
		good, _ := r.Body.(string)
		r.Body = good + strings.Repeat(" ", limit+1-len(good))
		p.Do(r).Refused(http.StatusRequestEntityTooLarge, "body_too_large")
	}
	for name, text := range map[string]string{
		"5 MB sent":                rawPost + "Content-Length: 5000000\r\n\r\n" + strings.Repeat("x", 5000000),
		"5 GB declared":            rawPost + "Content-Length: 5368709120\r\n\r\n{}",
		"one byte more, in chunks": rawPost + "Transfer-Encoding: chunked\r\n\r\n" + strconv.FormatInt(limit+1, 16) + "\r\n" + strings.Repeat(" ", limit+1) + "\r\n0\r\n\r\n",
		"asking for leave first":   rawPost + "Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n",
	} {
		r, a := p.exchange(name, text)
		a.Refused(http.StatusRequestEntityTooLarge, "body_too_large")
		r.Ends(name)
	}
	for _, length := range []string{"-2", "+2", "0x2", "2 2", "2,2", "2;", "", "2.0", "1e0", "two", "99999999999999999999", "\u0662"} {
		r, a := p.exchange("Content-Length: "+length, rawPost+"Content-Length: "+length+"\r\n\r\n{}"+rawGet+"\r\n")
		a.Refused(http.StatusBadRequest, "malformed_request")
		r.Ends("Content-Length: " + length)
	}
}
