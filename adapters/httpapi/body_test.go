package httpapi

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const loginBody = `{"email":"ada@example.com","password":"hunter2hunter2"}`

// B-01 to B-09, B-20, B-21, T-14: every text is refused the way its defect asks
// for, and none of it comes back.
func TestBody_IsReadStrictly(t *testing.T) {
	t.Parallel()
	useCases := goodUseCases()
	useCases.Login = does[ports.LoginCommand, ports.LoginResult](func(context.Context, ports.LoginCommand) (ports.LoginResult, error) {
		t.Error("a bad body reached the use case")
		return ports.LoginResult{}, domain.ErrInvalidCredentials
	})
	b := start(t, testConfig(), useCases)
	for name, tc := range map[string]struct {
		body   string
		status int
		code   string
		says   string
	}{
		"B-01 white space":               {" \n", 400, "invalid_json", ""},
		"B-01 null":                      {"null", 422, "validation_failed", ""},
		"B-01 array":                     {"[]", 422, "validation_failed", ""},
		"B-01 string":                    {`"x"`, 422, "validation_failed", ""},
		"B-01 number":                    {"1", 422, "validation_failed", ""},
		"B-01 empty object":              {"{}", 422, "validation_failed", `"/email"`},
		"B-01 byte order mark":           {"\ufeff" + loginBody, 400, "invalid_json", ""},
		"B-02 opening arrays":            {strings.Repeat("[", 60000), 400, "invalid_json", ""},
		"B-02 nested objects":            {strings.Repeat(`{"a":`, 10000), 400, "invalid_json", ""},
		"B-03 duplicate name":            {`{"email":"a@b.example","email":"c@d.example","password":"hunter2hunter2"}`, 400, "invalid_json", "twice"},
		"B-03 escaped duplicate":         {`{"email":"a","\u0065mail":"c","password":"hunter2hunter2"}`, 400, "invalid_json", "twice"},
		"B-03 other case beside":         {`{"email":"a","password":"hunter2hunter2","PASSWORD":"b"}`, 422, "validation_failed", `"/PASSWORD"`},
		"B-03 other case instead":        {`{"Email":"a","Password":"hunter2hunter2"}`, 422, "validation_failed", `"/email"`},
		"B-04 bytes":                     {"{\"email\":\"a\",\"password\":\"hunter2\xff\xfe\"}", 400, "invalid_json", ""},
		"B-04 overlong":                  {"{\"email\":\"a\",\"password\":\"hunter2\xc0\xaf\"}", 400, "invalid_json", ""},
		"B-04 lone surrogate":            {`{"email":"a","password":"hunter2\ud800"}`, 400, "invalid_json", ""},
		"B-04 lone surrogate in name":    {`{"email":"a","password":"hunter2","\udfff":1}`, 400, "invalid_json", ""},
		"B-07 mass assignment":           {`{"email":"a","password":"hunter2hunter2","role":"admin"}`, 422, "validation_failed", `"/role"`},
		"B-08 array":                     {`{"email":["a"],"password":"hunter2hunter2"}`, 422, "validation_failed", `"/email"`},
		"B-08 object":                    {`{"email":{"a":"b"},"password":"hunter2hunter2"}`, 422, "validation_failed", `"/email"`},
		"B-08 number":                    {`{"email":1,"password":"hunter2hunter2"}`, 422, "validation_failed", `"/email"`},
		"B-08 bool":                      {`{"email":"a","password":true}`, 422, "validation_failed", `"/password"`},
		"B-08 1e400":                     {`{"email":1e400,"password":"hunter2hunter2"}`, 400, "invalid_json", ""},
		"B-08 long number":               {`{"email":` + strings.Repeat("9", 50000) + `,"password":"x"}`, 400, "invalid_json", ""},
		"B-09 two documents":             {loginBody + loginBody, 400, "invalid_json", ""},
		"B-09 junk behind":               {loginBody + "x", 400, "invalid_json", ""},
		"B-09 lines":                     {loginBody + "\n" + loginBody, 400, "invalid_json", ""},
		"B-09 comment":                   {"/* */" + loginBody, 400, "invalid_json", ""},
		"B-09 NaN":                       {`{"email":NaN}`, 400, "invalid_json", ""},
		"B-09 single quotes":             {`{'email':'a'}`, 400, "invalid_json", ""},
		"B-09 trailing comma":            {`{"email":"a","password":"hunter2hunter2",}`, 400, "invalid_json", ""},
		"B-21 null":                      {`{"email":null,"password":null}`, 422, "validation_failed", `"/email"`},
		"B-20 missing":                   {`{"email":"a"}`, 422, "validation_failed", `"errors":[{"pointer":"/password","detail":"This is required."}]`},
		"long unknown name isn't echoed": {`{"email":"a","password":"b","` + strings.Repeat("hunter2", 1000) + `":1}`, 422, "validation_failed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := b.do(request{method: http.MethodPost, path: "/api/auth/login", body: tc.body})
			isProblem(t, a, tc.status, tc.code)
			assert.Contains(t, a.body, tc.says)
			assert.NotContains(t, a.body, "hunter2")
			assert.Less(t, len(a.body), 4096)
		})
	}
	many := b.do(request{method: http.MethodPost, path: "/api/auth/login", body: "{" + manyMembers(5000) + "}"})
	isProblem(t, many, http.StatusUnprocessableEntity, "validation_failed")
	assert.Less(t, len(many.body), 4096)
	empty := b.do(request{method: http.MethodPost, path: "/api/auth/login"})
	isProblem(t, empty, http.StatusBadRequest, "body_missing")
}

// The domain refuses unknown roles and statuses, although the schema lists them.
func TestBody_TheDomainJudgesRolesAndStatuses(t *testing.T) {
	t.Parallel()
	b := started(t)
	for body, want := range map[string][2]string{
		`{"role":"root"}`:                 {"invalid_role", `"errors":[{"pointer":"/role",`},
		`{"role":""}`:                     {"invalid_role", `"errors":[{"pointer":"/role",`},
		`{"status":"gone"}`:               {"invalid_status", `"errors":[{"pointer":"/status",`},
		`{"role":5}`:                      {"validation_failed", `"errors":[{"pointer":"/role","detail":"Expected string."}]`},
		`{"role":"root","status":"gone"}`: {"validation_failed", `{"pointer":"/status",`},
	} {
		a := b.do(request{method: http.MethodPatch, path: "/api/auth/admin/users/" + userID.String(), token: adminToken, body: body})
		isProblem(t, a, http.StatusUnprocessableEntity, want[0])
		assert.Contains(t, a.body, want[1], body)
	}
}

func manyMembers(n int) string {
	var names strings.Builder
	for i := range n {
		if i > 0 {
			names.WriteByte(',')
		}
		names.WriteString(`"m`)
		names.WriteString(strings.Repeat("x", i%7))
		names.WriteString(strings.Repeat("y", i/7%11))
		names.WriteString(strings.Repeat("z", i/77))
		names.WriteString(`":1`)
		if names.Len() > 60000 {
			break
		}
	}
	return names.String()
}

// B-06, B-10, S-40, T-02, V-37: only plain JSON is read.
func TestBody_OnlyPlainJSONIsRead(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, encoding := range []string{"gzip", "br", "deflate", "zstd", "gzip, gzip", "identity", "bogus"} {
		a := b.do(request{method: http.MethodPost, path: "/api/auth/login", body: loginBody, header: http.Header{"Content-Encoding": {encoding}}})
		isProblem(t, a, http.StatusUnsupportedMediaType, "unsupported_media_type")
	}
	for contentType, status := range map[string]int{
		"application/json":                  200,
		"application/json; charset=utf-8":   200,
		"Application/JSON;Charset=UTF-8":    200,
		"":                                  415,
		"text/plain":                        415,
		"application/x-www-form-urlencoded": 415,
		"multipart/form-data; boundary=x":   415,
		"application/xml":                   415,
		"application/jsonp":                 415,
		"application/problem+json":          415,
		"application/json; charset=utf-16":  415,
		"application/json; x=" + strings.Repeat("a", 5000): 415,
		"application/json, text/plain":                     415,
		";":                                                415,
	} {
		a := b.do(request{method: http.MethodPost, path: "/api/auth/login", body: loginBody, header: http.Header{"Content-Type": {contentType}}})
		assert.Equal(t, status, a.StatusCode, contentType)
	}
	two := b.do(request{method: http.MethodPost, path: "/api/auth/login", body: loginBody, header: http.Header{"Content-Type": {"text/plain", "application/json"}}})
	assert.Equal(t, http.StatusUnsupportedMediaType, two.StatusCode)
	form := b.do(request{method: http.MethodPost, path: "/api/auth/login", body: "a[99999999999]=1", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
	assert.Equal(t, http.StatusUnsupportedMediaType, form.StatusCode)
}

// B-11: the limit is 64 KiB to the byte.
func TestBody_LimitIsExact(t *testing.T) {
	t.Parallel()
	b := started(t)
	pad := strings.Repeat(" ", edge.MaxBodyBytes-len(loginBody))
	assert.Equal(t, http.StatusOK, b.do(request{method: http.MethodPost, path: "/api/auth/login", body: loginBody + pad}).StatusCode)
	isProblem(t, b.do(request{method: http.MethodPost, path: "/api/auth/login", body: loginBody + pad + " "}), http.StatusRequestEntityTooLarge, "body_too_large")
}

// Input reaches the use case as it was sent: nothing is trimmed, folded or
// replaced on the way (S-06).
func TestBody_ArrivesUnchanged(t *testing.T) {
	t.Parallel()
	var got ports.LoginCommand
	useCases := goodUseCases()
	useCases.Login = does[ports.LoginCommand, ports.LoginResult](func(_ context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
		got = cmd
		return ports.LoginResult{}, domain.ErrInvalidCredentials
	})
	b := start(t, testConfig(), useCases)
	a := b.do(request{method: http.MethodPost, path: "/api/auth/login", body: `{"email":" Ada@Example.com ","password":" Pa\u0000ss\u00e9 🔑 "}`})
	isProblem(t, a, http.StatusUnauthorized, "invalid_credentials")
	require.Equal(t, " Ada@Example.com ", got.Email)
	assert.Equal(t, " Pa\x00ssé 🔑 ", got.Password.Reveal())
}
