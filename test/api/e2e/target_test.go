package e2e

import (
	"context"
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
	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/pgbouncertest"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// target is a running service that the scenarios are run against.
type target struct {
	// urls are the base addresses of its replicas.
	urls []string
	// mails returns the mails to an address, the oldest first.
	mails func(t testing.TB, to string) []mail
	// admin is the one administrator.
	admin person
	// keys is how many public keys it publishes.
	keys int
	// root is an access token of the administrator, for tests that need many users.
	root string
	// secrets are all that it was given or gave out.
	secrets *canary.Canary
	// rows returns all rows of its database as text; nil without a database.
	rows func(t testing.TB) string
	// log is what a target of one process logs.
	log *program.Output
	// finish stops it and returns, by the name of the place, what it wrote
	// down: logs and rows.
	finish func(t testing.TB) map[string]string
}

// targetOf is a target of processes. When the test ends, no log and no metric
// may hold a secret.
func targetOf(t testing.TB, env program.Env, processes ...*program.Process) *target {
	t.Helper()
	tg := &target{}
	for i, p := range processes {
		tg.urls = append(tg.urls, p.URL)
		if i == 0 {
			tg.secrets = canary.Watch(t, p, env)
		} else {
			tg.secrets.Watch(t, p)
		}
	}
	return tg
}

// cheap is the environment of processes that are not about the cost of a hash
// or about limits.
func cheap() program.Env { return program.Cheap().Unlimited() }

// newPerson returns a person that no other test uses.
func newPerson() person { return person{api.NewEmail(), api.NewPassword()} }

// newPassword returns a password that no other test uses.
func newPassword() string { return api.NewPassword() }

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
	return localWith(t, cheap())
}

// localWith is local with an environment.
func localWith(t testing.TB, env program.Env) *target {
	t.Helper()
	folder := t.TempDir()
	p := program.StartLocal(t, folder, env)
	tg := targetOf(t, env, p)
	tg.log = &p.Stderr
	mailbox := mailboxOf(t, p)
	_, key, _ := strings.Cut(mailbox, "key=")
	tg.mails = mailsIn(mailbox)
	tg.admin = createAdmin(t, folder, env)
	tg.secrets.Add(key)
	if env["JWT_SECRET_KEY"] == "" {
		signingKey, err := os.ReadFile(filepath.Join(folder, "data", "jwt-secret.key"))
		require.NoError(t, err)
		tg.secrets.Add(strings.TrimSpace(string(signingKey)))
	}
	dataKey, err := os.ReadFile(filepath.Join(folder, "data", "data-encryption.key"))
	require.NoError(t, err)
	tg.secrets.Add(strings.TrimSpace(string(dataKey)))
	file := filepath.Join(folder, "data", "auth.db")
	tg.rows = func(t testing.TB) string { return canary.Dump(t, "sqlite", file+"?_pragma=busy_timeout(5000)") }
	tg.finish = func(t testing.TB) map[string]string {
		running := canary.SQLiteFiles(t, file)
		p.Stop(t)
		return map[string]string{
			"standard error":                   p.Stderr.String(),
			"standard output":                  withoutLinks(p.Stdout.String()),
			"the database":                     tg.rows(t),
			"the files while the program ran":  running,
			"the file after the program's end": canary.SQLiteFiles(t, file),
		}
	}
	return tg
}

// replicas is the program twice on one PostgreSQL, with a mail server.
func replicas(t testing.TB) *target {
	t.Helper()
	return replicasOn(t, postgrestest.NewDatabase(t), nil)
}

// bounced is replicas whose twenty connections share four to PostgreSQL, by
// PgBouncer in transaction mode; only migrate goes past it.
func bounced(t testing.TB) *target {
	t.Helper()
	database := postgrestest.NewDatabase(t)
	bouncer := pgbouncertest.Start(t, database, pgbouncertest.Options{PoolSize: 4})
	return replicasOn(t, database, func(env program.Env) program.Env {
		return env.With("DATABASE_URL", bouncer.URL(database), "DATABASE_MIGRATION_URL", database, "DATABASE_MAX_CONNECTIONS", "10")
	})
}

// replicasOn is replicas on an empty database, with a changed environment.
func replicasOn(t testing.TB, database string, change func(program.Env) program.Env) *target {
	t.Helper()
	server := mailpit.Start(t, mailpit.WithLogin("mailer", "smtp-password-canary"))
	env := production(database, server)
	if change != nil {
		env = change(env)
	}
	folder := t.TempDir()
	program.MustRun(t, folder, env, "", "migrate", "up")
	processes := pair(t, folder, env)
	tg := targetOf(t, env, processes...)
	tg.secrets.Add(database)
	tg.admin = createAdmin(t, folder, env)
	tg.mails = func(t testing.TB, to string) []mail { return received(t, server, env["PUBLIC_URL"], to) }
	tg.rows = func(t testing.TB) string { return canary.Dump(t, "pgx", database) }
	tg.finish = func(t testing.TB) map[string]string {
		written := map[string]string{"the database": tg.rows(t)}
		for i, p := range processes {
			p.Stop(t)
			assert.Empty(t, p.Stdout.String(), "in production everything goes to the log")
			written["the log of replica "+strconv.Itoa(i)] = p.Stderr.String()
		}
		return written
	}
	return tg
}

// pair starts two replicas and waits until both are ready.
func pair(t testing.TB, folder string, env program.Env) []*program.Process {
	t.Helper()
	processes := []*program.Process{program.Start(t, folder, env), program.Start(t, folder, env)}
	for _, p := range processes {
		p.AwaitReady(t)
	}
	return processes
}

// production is the configuration of a replica, without limits.
func production(databaseURL string, server *mailpit.Server) program.Env {
	return program.Production(databaseURL, program.MailServer{
		Host: server.SMTPHost, Port: server.SMTPPort, Username: "mailer", Password: "smtp-password-canary",
	}).Unlimited()
}

// inMemory is the service as other teams test against it.
func inMemory(t testing.TB) *target {
	t.Helper()
	logs := &program.Output{}
	service := authtest.New(t, authtest.WithLogger(slog.New(slog.NewJSONHandler(logs, nil))))
	tg := &target{urls: []string{service.URL}, secrets: canary.New(), admin: newPerson(), keys: 1}
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
