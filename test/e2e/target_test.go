package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/authtest"
	"github.com/seed543b3b27/auth-service/test/mailpit"
	"github.com/seed543b3b27/auth-service/test/postgrestest"
)

// target is a running service that the scenarios are run against.
type target struct {
	// urls are the base addresses of its replicas.
	urls []string
	// mails returns the mails to an address, the oldest first.
	mails func(t testing.TB, to string) []mail
	// admin is the one administrator.
	admin person
	// secrets are all that it was given or gave out.
	secrets *canary
	// finish stops it and returns, by the name of the place, what it wrote
	// down: logs and rows.
	finish func(t testing.TB) map[string]string
}

// targetOf is a target of one process.
func targetOf(p *process) *target {
	return &target{urls: []string{p.url}, secrets: newCanary()}
}

// mail is a mail as a person gets it.
type mail struct {
	kind string
	text string
	// token is the secret of its link, or empty.
	token string
}

// newPerson has an address and a password that nobody else has.
func newPerson() person {
	unique := strings.ToLower(rand.Text())
	return person{email: "p-" + unique[:16] + "@example.com", password: "pass phrase " + unique[16:]}
}

// newPassword is a password that was never used before.
func newPassword() string { return "another phrase " + strings.ToLower(rand.Text()[:12]) }

// awaitMail waits for the nth mail of a kind to an address, counted from 1.
func (tg *target) awaitMail(t testing.TB, to, kind string, n int) mail {
	t.Helper()
	var found []mail
	eventually(t, fmt.Sprintf("mail %d of kind %s to %s", n, kind, to), func() bool {
		found = tg.ofKind(t, to, kind)
		return len(found) >= n
	})
	return found[n-1]
}

func (tg *target) ofKind(t testing.TB, to, kind string) []mail {
	t.Helper()
	var found []mail
	for _, m := range tg.mails(t, to) {
		if m.kind == kind {
			found = append(found, m)
		}
	}
	return found
}

// token waits for the first mail of a kind and returns the token of its link.
func (tg *target) token(t testing.TB, to, kind string) string {
	t.Helper()
	m := tg.awaitMail(t, to, kind, 1)
	require.NotEmpty(t, m.token, m.text)
	tg.secrets.add(m.token)
	return m.token
}

var link = regexp.MustCompile(`(http://\S+)#token=([A-Za-z0-9_-]+)`)

// newMail reads a rendered mail, whose link has to lead to our own page.
func newMail(t testing.TB, publicURL, kind, text string) mail {
	t.Helper()
	m := mail{kind: kind, text: text}
	if match := link.FindStringSubmatch(text); match != nil {
		m.token = match[2]
		page := map[string]string{
			"verify_email": "verify", "change_email": "verify", "reset_password": "reset", "invitation": "reset",
		}[kind]
		assert.Equal(t, publicURL+"/api/auth/ui/"+page, match[1])
	}
	return m
}

// createAdmin makes the first administrator as its operator does.
func createAdmin(t testing.TB, folder string, env variables) person {
	t.Helper()
	p := newPerson()
	out := mustRun(t, folder, env, p.password+"\n", "user", "create", "--email", p.email, "--role", "admin")
	require.Contains(t, out, p.email+" (admin)")
	return p
}

// cheap keeps the many logins of the tests from taking minutes.
var cheap = variables{"BCRYPT_COST": "10"}

// local is the program with nothing configured but a port of its own.
func local(t testing.TB) *target {
	t.Helper()
	folder := t.TempDir()
	p := startLocal(t, folder, cheap)
	tg := targetOf(p)
	mailbox := mailboxOf(t, p)
	_, key, _ := strings.Cut(mailbox, "key=")
	tg.mails = mailsIn(mailbox)
	tg.admin = createAdmin(t, folder, cheap)
	signingKey, err := os.ReadFile(filepath.Join(folder, "data", "jwt-secret.key"))
	require.NoError(t, err)
	tg.secrets.add(strings.TrimSpace(string(signingKey)))
	tg.finish = func(t testing.TB) map[string]string {
		p.stop(t)
		assert.NotContains(t, p.stderr.String(), key, "the key of the mailbox is for the terminal only")
		return map[string]string{
			"standard error":  p.stderr.String(),
			"standard output": withoutLinks(p.stdout.String()),
			"the database":    dump(t, "sqlite", filepath.Join(folder, "data", "auth.db")),
		}
	}
	return tg
}

var mailboxLine = regexp.MustCompile(`Mails +(http://localhost:\d+/api/auth/dev/mailbox\?key=\S+)`)

// mailboxOf returns the address of the caught mails from the banner.
func mailboxOf(t testing.TB, p *process) string {
	t.Helper()
	match := mailboxLine.FindStringSubmatch(p.stdout.String())
	require.NotNil(t, match, p.stdout.String())
	return match[1]
}

// mailsIn reads mails from a mailbox of caught mails.
func mailsIn(mailbox string) func(testing.TB, string) []mail {
	publicURL, _, _ := strings.Cut(mailbox, api)
	return func(t testing.TB, to string) []mail {
		t.Helper()
		return caught(t, mailbox, publicURL, to)
	}
}

// caught reads the caught mails to an address.
func caught(t testing.TB, mailbox, publicURL, to string) []mail {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, mailbox, http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Accept", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var body struct {
		Mails []struct{ Kind, To, Text, Link string }
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&body))
	var mails []mail
	for _, m := range body.Mails { // the newest first
		if m.To == to {
			mails = append([]mail{newMail(t, publicURL, m.Kind, m.Text)}, mails...)
		}
	}
	return mails
}

// withoutLinks leaves out the lines that print the links of caught mails, which
// is what a local set-up prints them for.
func withoutLinks(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "#token=") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// kindsBySubject tell what a mail is by words of its subject.
var kindsBySubject = map[string]string{
	"Confirm your e-mail address": "verify_email", "Confirm your new e-mail address": "change_email",
	"Reset your": "reset_password", "You are invited": "invitation", "password was changed": "password_changed",
	"You already have": "email_taken", "about to move": "email_changing", "You were signed out": "session_reused",
}

// replicas is the program twice on one PostgreSQL, with a mail server.
func replicas(t testing.TB) *target {
	t.Helper()
	url := postgrestest.NewDatabase(t)
	server := mailpit.Start(t, mailpit.WithLogin("mailer", "smtp-password-canary"))
	env := production(url, server)
	tg := &target{secrets: newCanary()}
	tg.secrets.add(env["JWT_SECRET_KEY"], env["SMTP_PASSWORD"], url)
	folder := t.TempDir()
	mustRun(t, folder, env, "", "migrate", "up")
	tg.admin = createAdmin(t, folder, env)
	processes := []*process{start(t, folder, env), start(t, folder, env)}
	for _, p := range processes {
		p.awaitReady(t)
		tg.urls = append(tg.urls, p.url)
	}
	tg.mails = func(t testing.TB, to string) []mail { return received(t, server, env["PUBLIC_URL"], to) }
	tg.finish = func(t testing.TB) map[string]string {
		written := map[string]string{"the database": dump(t, "pgx", url)}
		for i, p := range processes {
			p.stop(t)
			assert.Empty(t, p.stdout.String(), "in production everything goes to the log")
			written["the log of replica "+strconv.Itoa(i)] = p.stderr.String()
		}
		return written
	}
	return tg
}

// production is the configuration of a replica.
func production(databaseURL string, server *mailpit.Server) variables {
	return cheap.with(
		"DATABASE_URL", databaseURL,
		"JWT_SECRET_KEY", "key-canary-"+strings.ToLower(rand.Text()+rand.Text()),
		"PUBLIC_URL", "http://auth.example.com",
		"HTTP_ADDR", "127.0.0.1:0",
		"SMTP_HOST", server.SMTPHost,
		"SMTP_PORT", strconv.Itoa(server.SMTPPort),
		"SMTP_USERNAME", "mailer",
		"SMTP_PASSWORD", "smtp-password-canary",
		"SMTP_TLS", "none",
		"SMTP_FROM", "Example <auth@example.com>",
	)
}

func received(t testing.TB, server *mailpit.Server, publicURL, to string) []mail {
	t.Helper()
	var mails []mail
	for _, m := range server.Messages(t, to) {
		kind := ""
		for words, k := range kindsBySubject {
			if strings.Contains(m.Subject, words) {
				kind = k
			}
		}
		require.NotEmpty(t, kind, m.Subject)
		mails = append(mails, newMail(t, publicURL, kind, m.Text))
	}
	return mails
}

// inMemory is the service as other teams test against it.
func inMemory(t testing.TB) *target {
	t.Helper()
	logs := &output{}
	service := authtest.New(t, authtest.WithLogger(slog.New(slog.NewJSONHandler(logs, nil))))
	tg := &target{urls: []string{service.URL}, secrets: newCanary(), admin: newPerson()}
	_, err := service.UseCases.CreateUser.Execute(context.Background(), ports.CreateUserCommand{
		Principal: domain.Operator(), Email: tg.admin.email, Role: "admin", Password: domain.NewSecret(tg.admin.password), Verified: true,
	})
	require.NoError(t, err)
	tg.mails = func(_ testing.TB, to string) []mail {
		var mails []mail
		for _, m := range service.Mails(to) {
			mails = append(mails, mail{string(m.Kind), m.NewEmail.String(), m.Token()})
		}
		return mails
	}
	tg.finish = func(testing.TB) map[string]string { return map[string]string{"the log": logs.String()} }
	return tg
}
