package httpapi

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

var reference = regexp.MustCompile(`(?:src|href)="([^"]+)"|from "([^"]+)"`)

// Pages load files of their own origin only (S-39), and hold no script in their text.
func TestPages_LoadOwnFilesOnly(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, page := range []string{"/api/auth/docs", "/api/auth/ui/verify", "/api/auth/ui/reset", "/api/auth/ui/verify.js", "/api/auth/ui/reset.js"} {
		a := b.do(request{method: http.MethodGet, path: page})
		require.Equal(t, http.StatusOK, a.StatusCode, page)
		policy := a.Header.Get("Content-Security-Policy")
		assert.Contains(t, policy, "default-src 'none'")
		assert.Contains(t, policy, "script-src 'self';")
		assert.Contains(t, policy, "frame-ancestors 'none'")
		assert.NotContains(t, policy, "http")
		assert.NotContains(t, a.body, "<script>")
		assert.NotContains(t, a.body, " onclick=")
		base := page[:strings.LastIndex(page, "/")+1]
		for _, match := range reference.FindAllStringSubmatch(a.body, -1) {
			file := base + strings.TrimPrefix(match[1]+match[2], "./")
			loaded := b.do(request{method: http.MethodGet, path: file, header: http.Header{"Accept-Encoding": {"gzip"}}})
			assert.Equal(t, http.StatusOK, loaded.StatusCode, file)
			assert.NotEmpty(t, loaded.Header.Get("Content-Type"), file)
		}
	}
}

func TestPages_SwaggerFilesForClientsThatCannotUnpack(t *testing.T) {
	t.Parallel()
	b := started(t)
	for encoding, packed := range map[string]bool{"gzip": true, "br": false} {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/docs/swagger-ui.css", header: http.Header{"Accept-Encoding": {encoding}}})
		assert.Equal(t, packed, a.Header.Get("Content-Encoding") == "gzip")
		assert.Equal(t, !packed, strings.Contains(a.body, ".swagger-ui"))
		assert.Equal(t, "Accept-Encoding", a.Header.Get("Vary"))
	}
}

func TestPages_TellTheMinimumLength(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.PasswordMinLength = 15
	a := start(t, config, goodUseCases()).do(request{method: http.MethodGet, path: "/api/auth/ui/reset"})
	assert.Contains(t, a.body, "At least 15 characters.")
	assert.Contains(t, a.body, `data-min-length="15"`)
	assert.Contains(t, a.body, `autocomplete="new-password"`)
}

type mailbox []ports.CaughtMail

func (m mailbox) Mails() []ports.CaughtMail { return m }

func mailboxConfig() Config {
	config := testConfig()
	config.MailboxKey = domain.NewSecret("right")
	config.Mailbox = mailbox{{
		At: testTime, Kind: domain.MailVerifyEmail, To: "ada@example.com", Subject: `Confirm "it" <now>`, Text: "Hello <Ada>",
		HTML: `<p onclick="x()">Hello</p><script>x()</script>`, Link: "http://auth.example.com/api/auth/ui/verify#token=t",
	}}
	return config
}

func TestMailbox_NeedsKeyAndHost(t *testing.T) {
	t.Parallel()
	b := start(t, mailboxConfig(), goodUseCases())
	for query, status := range map[string]int{"?key=right": 200, "?key=wrong": 404, "?key=": 404, "": 404, "?key=righ": 404} {
		a := b.do(request{method: http.MethodGet, path: "/api/auth/dev/mailbox" + query})
		assert.Equal(t, status, a.StatusCode, query)
		if status == http.StatusNotFound {
			isProblem(t, a, http.StatusNotFound, "not_found")
		}
	}
	for host, status := range map[string]int{
		"rebound.example.org": 404, "rebound.example.org:8000": 404, "localhost.example.org": 404, "127.0.0.1.example.org": 404,
		"10.0.0.1": 404, "[2001:db8::1]": 404, "0.0.0.0": 404,
		"AUTH.example.com": 200, "localhost": 200, "localhost:8000": 200, "LocalHost:9": 200, "127.0.0.1:8000": 200, "127.8.8.8": 200, "[::1]:8000": 200, "[::1]": 200,
	} {
		r := dial(t, b.address())
		r.send("GET /api/auth/dev/mailbox?key=right HTTP/1.1\r\nHost: " + host + "\r\nX-Forwarded-Host: auth.example.com\r\n\r\n")
		a := r.receive()
		assert.Equal(t, status, a.StatusCode, host)
		if status == http.StatusNotFound {
			isProblem(t, a, http.StatusNotFound, "not_found")
		}
		r = dial(t, b.address())
		r.send("GET /api/auth/dev/mailbox?key=wrong HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
		isProblem(t, r.receive(), http.StatusNotFound, "not_found")
	}
	assert.NotContains(t, b.logs.String(), "right")
}

func TestMailbox_ShowsMailsHarmlessly(t *testing.T) {
	t.Parallel()
	b := start(t, mailboxConfig(), goodUseCases())
	page := b.do(request{method: http.MethodGet, path: "/api/auth/dev/mailbox?key=right"})
	assert.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
	assert.Equal(t, mailboxPolicy, page.Header.Get("Content-Security-Policy"))
	assert.NotContains(t, page.body, "<script")
	assert.NotContains(t, page.body, "<now>")
	assert.NotContains(t, page.body, "<Ada>")
	assert.Contains(t, page.body, `sandbox="allow-popups allow-popups-to-escape-sandbox"`)
	assert.Contains(t, page.body, `href="http://auth.example.com/api/auth/ui/verify#token=t"`)

	listed := b.do(request{method: http.MethodGet, path: "/api/auth/dev/mailbox?key=right", header: http.Header{"Accept": {"application/json"}}})
	var got mailsBody
	require.NoError(t, json.Unmarshal([]byte(listed.body), &got))
	require.Len(t, got.Mails, 1)
	assert.Equal(t, mailBody{
		At: testTime, Kind: "verify_email", To: "ada@example.com", Subject: `Confirm "it" <now>`, Text: "Hello <Ada>",
		HTML: `<p onclick="x()">Hello</p><script>x()</script>`, Link: "http://auth.example.com/api/auth/ui/verify#token=t",
	}, got.Mails[0])
}

// V-36.
func TestRoot_SaysWhereTheAPIIs(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"http://auth.example.com", "https://auth.example.com", "http://localhost:8000"} {
		b := start(t, Config{PublicURL: public}, goodUseCases())
		a := b.do(request{method: http.MethodGet, path: "/"})
		isProblem(t, a, http.StatusNotFound, "not_found")
		assert.Contains(t, a.body, "The API is under /api/auth, its documentation at /api/auth/docs.")
		assert.Equal(t, http.StatusOK, b.do(request{method: http.MethodGet, path: "/api/auth/docs"}).StatusCode)
	}
}
