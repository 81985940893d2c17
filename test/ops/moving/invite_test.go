package moving

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

var linkToken = regexp.MustCompile(`#token=([A-Za-z0-9_-]+)`)

// An import that invites stores the mails; the service sends them once it runs, and their
// users sign in. The same import again mails nobody.
func TestImport_InvitesUsersByMail(t *testing.T) {
	t.Parallel()
	mails := mailpit.Start(t)
	folder, env := newService(t)
	env = env.With("SMTP_HOST", mails.SMTPHost, "SMTP_PORT", strconv.Itoa(mails.SMTPPort), "SMTP_TLS", "none", "SMTP_FROM", "auth@example.com", "PUBLIC_URL", "http://auth.example.com")
	const many = 15
	var rows strings.Builder
	rows.WriteString("email,role,status,email_verified\nboss@example.com,admin,,\nknown@example.com,support,,true\noff@example.com,,disabled,\n")
	for n := range many {
		fmt.Fprintf(&rows, "u%d@example.com,,,\n", n)
	}
	require.NoError(t, os.WriteFile(folder+"/users.csv", []byte(rows.String()), 0o600))
	out := bash(t, folder, env, "auth-service import --invite --dry-run users.csv")
	assert.Contains(t, out, "17 of them would be invited by mail")
	out = bash(t, folder, env, "auth-service import --invite users.csv")
	assert.Contains(t, out, "17 of them are invited by mail")
	assert.Contains(t, out, "links work for 72 hours from now")
	assert.Contains(t, out, "not invited because they are disabled: 1")
	assert.Empty(t, mails.Recipients(t), "the import itself sends nothing")
	assert.Contains(t, bash(t, folder, env, "auth-service import --invite users.csv"), "imported 0, already there 18, refused 0")

	p := program.StartLocal(t, folder, env)
	defer p.Stop(t)
	program.Eventually(t, "every invitation arrives", func() bool { return len(mails.Recipients(t)) >= many+2 })
	assert.NotContains(t, mails.Recipients(t), "off@example.com")
	client := api.New(t, p.URL)
	for email, role := range map[string]string{"boss@example.com": "admin", "known@example.com": "support", "u7@example.com": "user"} {
		sent := mails.Await(t, email, 1)
		require.Len(t, sent, 1)
		assert.Contains(t, sent[0].Subject, "invited")
		const password = "a pass phrase to begin with"
		token := linkToken.FindStringSubmatch(sent[0].Text)
		require.NotNil(t, token)
		client.Once(api.Request{Method: http.MethodPost, Path: "/api/auth/password/reset/confirm", Body: api.Object{"token": token[1], "new_password": password}}).Is(http.StatusOK)
		assert.Equal(t, "in", login(t, p.URL, email, password))
		shown := bash(t, folder, env, "auth-service user show "+email)
		assert.Regexp(t, "role +"+role, shown)
	}
}
