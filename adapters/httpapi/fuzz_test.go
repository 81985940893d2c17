package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

const fuzzPeer = "198.51.100.9"

// settled asserts the rules of every answer: it is no internal error, it keeps the
// promises of the document, and a refusal is a complete problem.
func settled(t *testing.T, method, path string, a api.Answer) {
	t.Helper()
	require.Less(t, a.Status, 500, string(a.Body))
	asked, err := http.NewRequestWithContext(t.Context(), method, "http://auth.example.com"+path, http.NoBody)
	require.NoError(t, err)
	require.NoError(t, promises().Check(asked, &http.Response{StatusCode: a.Status, Header: a.Header}, a.Body))
	if a.Status >= 400 {
		isProblem(t, a, a.Status, a.Code)
	}
}

// FuzzBody sends bodies to every operation that reads one. A login that is let
// through arrives as the standard library, the other reader of a body, understands
// it: nothing is trimmed, folded or replaced on the way (S-06).
func FuzzBody(f *testing.F) {
	var got *ports.LoginCommand
	useCases := goodUseCases()
	good := useCases.Login
	useCases.Login = does[ports.LoginCommand, ports.LoginResult](func(ctx context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
		got = &cmd
		return good.Execute(ctx, cmd)
	})
	server := silent(f, testConfig(), useCases)
	var ops []operation
	for _, op := range operations() {
		if op.body == "" {
			continue
		}
		ops = append(ops, op)
		f.Add(uint8(len(ops)-1), []byte(op.body)) //nolint:gosec // a handful
	}
	for _, body := range []string{
		"", " ", "null", "[]", "1", `""`, "{}", `{"email":null}`, loginBody + loginBody, "\ufeff" + loginBody, strings.Repeat("[", 20000), "{\"email\":\"\xff\"}",
		`{"email":"a","\u0065mail":"b","password":"c"}`, `{"Email":"a","Password":"b"}`, `{"email":"\ud800","password":"b"}`, `{"email":1e400,"password":[]}`,
		`{"email":"a","password":"b","device_token":"c"}`, `{"email":"a\u0000","password":"🔑","x":{}}`, `{"a/b~c":1}`, `{"role":"root"}`, `{"status":null,"role":3}`,
		`{"email":" Ada@Example.com ","password":" Pa\u0000ss\u00e9 🔑 "}`,
	} {
		for i, op := range ops {
			if op.path == "/login" || op.method == http.MethodPatch || op.path == "/refresh" {
				f.Add(uint8(i), []byte(body))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		op := ops[int(which)%len(ops)]
		r := op.request()
		text := fmt.Sprintf("%s %s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n", r.Method, r.Path, host, len(body))
		if r.Token != "" {
			text += "Authorization: Bearer " + r.Token + "\r\n"
		}
		got = nil
		a := server.from(t, fuzzPeer, text+"\r\n"+string(body))
		settled(t, r.Method, r.Path, a)
		if got == nil {
			return
		}
		var want struct {
			Email       string `json:"email"`
			Password    string `json:"password"`
			DeviceToken string `json:"device_token"`
		}
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&want))
		assert.Equal(t, http.StatusOK, a.Status)
		assert.Equal(t, [3]string{want.Email, want.Password, want.DeviceToken}, [3]string{got.Email, got.Password.Reveal(), got.DeviceToken.Reveal()})
	})
}

// FuzzAuthorization: the one good form is let in, and nothing else is (B-35).
func FuzzAuthorization(f *testing.F) {
	server := silent(f, testConfig(), goodUseCases())
	for _, header := range []string{
		"Bearer user.access.token", "bearer admin.access.token", "Bearer expired", "", "Bearer", "Bearer ", "Basic dXNlcg==", "Bearer user.access.token user.access.token",
		"Bearer  user.access.token", "Bearer,user.access.token", "Bearer\tuser.access.token", "Bearer user.access.tökén", "Bearer \"user.access.token\"", "Bearer =",
		"Bearer user.access.token,", "\x00Bearer user.access.token", "Bearer user.access.token\x7f", strings.Repeat("Bearer ", 5000), "Bearer user.access.token=",
	} {
		f.Add(header)
	}
	good := regexp.MustCompile(`^[ \t]*[Bb][Ee][Aa][Rr][Ee][Rr] (user|admin)\.access\.token[ \t]*$`)
	f.Fuzz(func(t *testing.T, header string) {
		if strings.ContainsAny(header, "\r\n") {
			return // another header, or the body
		}
		a := server.from(t, fuzzPeer, "GET /api/auth/me HTTP/1.1\r\n"+host+"Authorization: "+header+"\r\n\r\n")
		settled(t, http.MethodGet, "/api/auth/me", a)
		if good.MatchString(header) {
			assert.Equal(t, http.StatusOK, a.Status)
			return
		}
		assert.Contains(t, []int{http.StatusUnauthorized, http.StatusBadRequest, http.StatusRequestHeaderFieldsTooLarge}, a.Status)
	})
}

// FuzzCursor: a cursor reaches the use case as it was written, or not at all.
// Its meaning is for the application to judge.
func FuzzCursor(f *testing.F) {
	var got string
	refuse := func(cursor string) (ports.EventsResult, error) {
		got = cursor
		return ports.EventsResult{}, domain.ErrInvalidCursor
	}
	useCases := goodUseCases()
	useCases.ListAudit = does[ports.ListAuditCommand, ports.EventsResult](func(_ context.Context, cmd ports.ListAuditCommand) (ports.EventsResult, error) {
		return refuse(cmd.Cursor)
	})
	useCases.ListActivity = does[ports.ListActivityCommand, ports.EventsResult](func(_ context.Context, cmd ports.ListActivityCommand) (ports.EventsResult, error) {
		return refuse(cmd.Cursor)
	})
	useCases.ListUsers = does[ports.ListUsersCommand, ports.UsersResult](func(_ context.Context, cmd ports.ListUsersCommand) (ports.UsersResult, error) {
		_, err := refuse(cmd.Cursor)
		return ports.UsersResult{}, err
	})
	server := silent(f, testConfig(), useCases)
	for _, cursor := range []string{"", "next", "AAAA", "a+b/c==", "%00", "\x00", "\xff", "ä", "'; drop table users", strings.Repeat("a", 9000), "a&cursor=b", "a;b", "{}"} {
		f.Add(cursor)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		for _, path := range []string{"/api/auth/admin/audit", "/api/auth/me/activity", "/api/auth/admin/users"} {
			got = ""
			a := server.from(t, fuzzPeer, "GET "+path+"?cursor="+url.QueryEscape(cursor)+" HTTP/1.1\r\n"+host+"Authorization: Bearer "+adminToken+"\r\n\r\n")
			settled(t, http.MethodGet, path, a)
			if a.Status == http.StatusBadRequest && strings.Contains(string(a.Body), "invalid_cursor") {
				assert.Equal(t, cursor, got)
			} else {
				assert.Empty(t, got)
			}
		}
	})
}
