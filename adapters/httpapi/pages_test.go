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
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

func TestPages_SwaggerFilesForClientsThatCannotUnpack(t *testing.T) {
	t.Parallel()
	b := started(t)
	for encoding, packed := range map[string]bool{"gzip": true, "br": false} {
		a := b.get("/api/auth/docs/swagger-ui.css", "", http.Header{"Accept-Encoding": {encoding}})
		assert.Equal(t, packed, a.Header.Get("Content-Encoding") == "gzip")
		assert.Equal(t, !packed, strings.Contains(string(a.Body), ".swagger-ui"))
		assert.Equal(t, "Accept-Encoding", a.Header.Get("Vary"))
	}
}

func TestPages_TellTheMinimumLength(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.PasswordMinLength = 15
	a := start(t, config, goodUseCases()).get("/api/auth/ui/reset", "", nil)
	assert.Contains(t, string(a.Body), "At least 15 characters.")
	assert.Contains(t, string(a.Body), `data-min-length="15"`)
	assert.Contains(t, string(a.Body), `autocomplete="new-password"`)
}

// F-A17, F-A27, V-36: password managers find the page where a password can be changed. The target
// is the configuration's, whatever a request says.
func TestChangePassword_LeadsToThePageOfTheConfiguration(t *testing.T) {
	t.Parallel()
	const own = "https://app.example.com/#/settings/password"
	for want, config := range map[string]Config{
		"https://auth.example.com/api/auth/ui/forgot": {PublicURL: "https://auth.example.com"},
		"https://example.com/id/api/auth/ui/forgot":   {PublicURL: "https://example.com/id/"},
		own: {PublicURL: "https://auth.example.com", PasswordChangeURL: own},
	} {
		b := start(t, config, goodUseCases())
		for _, query := range []string{"", "?to=https://evil.example.org"} {
			a := b.get("/.well-known/change-password"+query, "", http.Header{"X-Forwarded-Host": {"evil.example.org"}, "X-Forwarded-Prefix": {"//evil.example.org"}})
			assert.Equal(t, http.StatusFound, a.Status)
			assert.Equal(t, []string{want}, a.Header.Values("Location"))
			assert.Equal(t, "no-store", a.Header.Get("Cache-Control"))
			assert.Empty(t, a.Body)
		}
		isProblem(t, b.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200", "", nil), http.StatusNotFound, "not_found")
	}
	for _, bad := range []string{"/settings", "javascript:alert(1)", "https://a:b@example.com", "https://app.example.com/\r\nX: y"} {
		config := testConfig()
		config.PasswordChangeURL = bad
		_, err := New(config, goodUseCases())
		require.Error(t, err, bad)
	}
}

// F-A27: the page of a reset has a field for the user name, which users cannot change.
func TestPages_TheResetNamesTheAccount(t *testing.T) {
	t.Parallel()
	b := started(t)
	assert.Contains(t, string(b.get("/api/auth/ui/reset", "", nil).Body), `type="text" autocomplete="username" readonly>`)
	assert.Contains(t, string(b.get("/api/auth/ui/forgot", "", nil).Body), `autocomplete="username"`)
	a := b.post("/api/auth/password/reset/check", "", `{"token":"t"}`, nil)
	require.Equal(t, http.StatusOK, a.Status)
	assert.JSONEq(t, `{"email":"ada@example.com","purpose":"invitation"}`, string(a.Body))
}

// F-E7: every page names the product, ties each field to the place of its errors, and has
// a place for alerts. A name cannot bring a script along.
func TestPages_NameTheProductAndTieErrorsToFields(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.ProductName = "Ada's <b>Shop</b>"
	b := start(t, config, goodUseCases())
	described := regexp.MustCompile(`aria-describedby="([a-z]+-error)[ "]`)
	for _, page := range []string{"verify", "change", "undo", "reset", "forgot"} {
		a := b.get("/api/auth/ui/"+page, "", nil)
		text := string(a.Body)
		assert.Equal(t, pagePolicy, a.Header.Get("Content-Security-Policy"), page)
		assert.Regexp(t, `<title>[^<]+ · Ada&#39;s &lt;b&gt;Shop&lt;/b&gt;</title>`, text, page)
		assert.Contains(t, text, `<p class="product">Ada&#39;s &lt;b&gt;Shop&lt;/b&gt;</p>`, page)
		assert.Contains(t, text, `role="alert"`, page)
		fields := described.FindAllStringSubmatch(text, -1)
		assert.NotEmpty(t, fields, page)
		for _, field := range fields {
			assert.Contains(t, text, `<p id="`+field[1]+`" class="error"`, page)
		}
	}
	assert.Contains(t, string(started(t).get("/api/auth/ui/verify", "", nil).Body), " · Auth Service</title>")
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
		a := b.get("/api/auth/dev/mailbox"+query, "", nil)
		assert.Equal(t, status, a.Status, query)
		if status == http.StatusNotFound {
			isProblem(t, a, http.StatusNotFound, "not_found")
		}
	}
	for host, status := range map[string]int{
		"rebound.example.org": 404, "rebound.example.org:8000": 404, "localhost.example.org": 404, "127.0.0.1.example.org": 404,
		"10.0.0.1": 404, "[2001:db8::1]": 404, "0.0.0.0": 404,
		"AUTH.example.com": 200, "localhost": 200, "localhost:8000": 200, "LocalHost:9": 200, "127.0.0.1:8000": 200, "127.8.8.8": 200, "[::1]:8000": 200, "[::1]": 200,
	} {
		r := b.dial()
		r.Send("GET /api/auth/dev/mailbox?key=right HTTP/1.1\r\nHost: " + host + "\r\nX-Forwarded-Host: auth.example.com\r\n\r\n")
		a := r.Receive(http.MethodGet, host)
		assert.Equal(t, status, a.Status, host)
		if status == http.StatusNotFound {
			isProblem(t, a, http.StatusNotFound, "not_found")
		}
		r = b.dial()
		r.Send("GET /api/auth/dev/mailbox?key=wrong HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
		isProblem(t, r.Receive(http.MethodGet, host), http.StatusNotFound, "not_found")
	}
	assert.NotContains(t, b.logs.String(), "right")
}

func TestMailbox_ShowsMailsHarmlessly(t *testing.T) {
	t.Parallel()
	b := start(t, mailboxConfig(), goodUseCases())
	page := b.get("/api/auth/dev/mailbox?key=right", "", nil)
	assert.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
	assert.Equal(t, mailboxPolicy, page.Header.Get("Content-Security-Policy"))
	assert.NotContains(t, string(page.Body), "<script")
	assert.NotContains(t, string(page.Body), "<now>")
	assert.NotContains(t, string(page.Body), "<Ada>")
	assert.Contains(t, string(page.Body), `sandbox="allow-popups allow-popups-to-escape-sandbox"`)
	assert.Contains(t, string(page.Body), `href="http://auth.example.com/api/auth/ui/verify#token=t"`)

	listed := b.get("/api/auth/dev/mailbox?key=right", "", http.Header{"Accept": {"application/json"}})
	var got mailsBody
	require.NoError(t, json.Unmarshal(listed.Body, &got))
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
		for _, r := range []api.Request{{Path: "/"}, {Path: "/api/auth"}, {Path: "/api/auth/"}, {Path: "/api/auth?a=b"}, {Path: "/api/auth", Method: http.MethodPost}} {
			if r.Method == "" {
				r.Method = http.MethodGet
			}
			a := b.Once(r)
			isProblem(t, a, http.StatusNotFound, "not_found")
			assert.Contains(t, string(a.Body), "The API is under /api/auth, its documentation at /api/auth/docs.", r.Path)
		}
		assert.Equal(t, http.StatusOK, b.get("/api/auth/docs", "", nil).Status)
	}
}
