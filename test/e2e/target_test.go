package e2e

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
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
	"github.com/seed543b3b27/auth-service/test/program"
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
func targetOf(p *program.Process) *target {
	return &target{urls: []string{p.URL}, secrets: newCanary()}
}

// newPerson has an address and a password that nobody else has.
func newPerson() person {
	unique := strings.ToLower(rand.Text())
	return person{email: "p-" + unique[:16] + "@example.com", password: "pass phrase " + unique[16:]}
}

// newPassword is a password that was never used before.
func newPassword() string { return "another phrase " + strings.ToLower(rand.Text()[:12]) }

// createAdmin makes the first administrator as its operator does.
func createAdmin(t testing.TB, folder string, env program.Env) person {
	t.Helper()
	p := newPerson()
	program.CreateAdmin(t, folder, env, p.email, p.password)
	return p
}

// local is the program with nothing configured but a port of its own.
func local(t testing.TB) *target {
	t.Helper()
	folder := t.TempDir()
	p := program.StartLocal(t, folder, program.Cheap())
	tg := targetOf(p)
	mailbox := mailboxOf(t, p)
	_, key, _ := strings.Cut(mailbox, "key=")
	tg.mails = mailsIn(mailbox)
	tg.admin = createAdmin(t, folder, program.Cheap())
	signingKey, err := os.ReadFile(filepath.Join(folder, "data", "jwt-secret.key"))
	require.NoError(t, err)
	tg.secrets.add(strings.TrimSpace(string(signingKey)))
	tg.finish = func(t testing.TB) map[string]string {
		p.Stop(t)
		assert.NotContains(t, p.Stderr.String(), key, "the key of the mailbox is for the terminal only")
		file := filepath.Join(folder, "data", "auth.db")
		raw, err := os.ReadFile(file) // holds rows that are gone, too
		require.NoError(t, err)
		return map[string]string{
			"standard error":  p.Stderr.String(),
			"standard output": withoutLinks(p.Stdout.String()),
			"the database":    dump(t, "sqlite", file),
			"the file":        string(raw),
		}
	}
	return tg
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
	program.MustRun(t, folder, env, "", "migrate", "up")
	tg.admin = createAdmin(t, folder, env)
	processes := []*program.Process{program.Start(t, folder, env), program.Start(t, folder, env)}
	for _, p := range processes {
		p.AwaitReady(t)
		tg.urls = append(tg.urls, p.URL)
	}
	tg.mails = func(t testing.TB, to string) []mail { return received(t, server, env["PUBLIC_URL"], to) }
	tg.finish = func(t testing.TB) map[string]string {
		written := map[string]string{"the database": dump(t, "pgx", url)}
		for i, p := range processes {
			p.Stop(t)
			assert.Empty(t, p.Stdout.String(), "in production everything goes to the log")
			written["the log of replica "+strconv.Itoa(i)] = p.Stderr.String()
		}
		return written
	}
	return tg
}

// production is the configuration of a replica.
func production(databaseURL string, server *mailpit.Server) program.Env {
	return program.Production(databaseURL, program.MailServer{
		Host: server.SMTPHost, Port: server.SMTPPort, Username: "mailer", Password: "smtp-password-canary",
	})
}

// inMemory is the service as other teams test against it.
func inMemory(t testing.TB) *target {
	t.Helper()
	logs := &program.Output{}
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
