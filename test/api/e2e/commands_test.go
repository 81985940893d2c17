package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// processes that start at once on a new SQLite file wait for each other.
func TestMigrate_AtOnceOnANewFile(t *testing.T) {
	t.Parallel()
	for range 40 {
		folder := t.TempDir()
		for _, end := range together(2, func(int) program.Outcome {
			return program.Run(t, folder, program.Env{"DATABASE_URL": "sqlite:auth.db"}, "", "migrate", "up")
		}) {
			require.Zero(t, end.Code, end.Stderr)
		}
	}
}

func TestMigrate_MakesShowsAndUndoesSteps(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func() string{
		"SQLite":     func() string { return "sqlite:somewhere/auth.db" },
		"PostgreSQL": func() string { return postgrestest.NewDatabase(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, env := t.TempDir(), program.Env{"DATABASE_URL": url(), "SMTP_PORT": "nonsense"} // migrate reads no other variable
			migrate := func(what ...string) string {
				return program.MustRun(t, folder, env, "", append([]string{"migrate"}, what...)...)
			}
			// missing counts the steps that status, which fails for them, shows as missing.
			missing := func() int {
				o := program.Run(t, folder, env, "", "migrate", "status")
				assert.Equal(t, 1, o.Code)
				assert.Contains(t, o.Stderr, "run auth-service migrate up")
				return strings.Count(o.Stdout, "missing")
			}
			steps := strings.Count(migrate("up"), "applied ")
			require.Positive(t, steps)
			assert.Contains(t, migrate("up"), "up to date")
			assert.Equal(t, steps, strings.Count(migrate("status"), "applied"))
			assert.NotContains(t, migrate("status"), "missing")
			unsure := program.Run(t, folder, env, "", "migrate", "down")
			assert.Equal(t, 2, unsure.Code)
			assert.Contains(t, unsure.Stderr, "--yes")
			assert.NotContains(t, migrate("status"), "missing")
			assert.Contains(t, migrate("down", "--yes"), "undid ")
			assert.Equal(t, 1, missing())
			assert.Equal(t, 1, strings.Count(migrate("up"), "applied "))
			for range steps {
				assert.Contains(t, migrate("down", "--yes"), "undid ")
			}
			assert.Contains(t, migrate("down", "--yes"), "nothing to undo")
			assert.Equal(t, steps, missing())
			assert.Equal(t, steps, strings.Count(migrate("up"), "applied "))
		})
	}
}

func TestUserCommands(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	user := func(stdin string, args ...string) program.Outcome {
		return program.Run(t, folder, cheap(), stdin, append([]string{"user"}, args...)...)
	}
	fails := func(code int, says string, o program.Outcome) {
		t.Helper()
		assert.Equal(t, code, o.Code, o.Stderr)
		assert.Contains(t, o.Stderr, says)
		assert.Empty(t, o.Stdout)
	}
	password := newPassword()
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte(password+"\n"), 0o600))
	for _, o := range []program.Outcome{
		user(password+"\nanother line\n", "create", "--email", "Ada@Example.com", "--role", "admin"),
		user("", "create", "--email", "grace@example.com", "--password-file", file),
		user(password, "create", "--email", "new@example.com", "--unverified"),
	} {
		require.Equal(t, 0, o.Code, o.Stderr)
		assert.Contains(t, o.Stdout, "created ")
		assert.NotContains(t, o.Stdout+o.Stderr, password)
	}
	fails(1, "exists", user(password, "create", "--email", "ada@example.com"))
	fails(2, "has no @", user(password, "create", "--email", "nonsense"))
	fails(2, "commonly used", user("password123\n", "create", "--email", "x@example.com"))
	fails(2, "--password-file", user("", "create", "--email", "x@example.com"))
	fails(2, "email", user(password, "create"))
	fails(1, "password file", user("", "create", "--email", "x@example.com", "--password-file", file+"-missing"))

	assert.Equal(t, 3, strings.Count(user("", "list").Stdout, "@example.com"))
	assert.Regexp(t, `ada@example.com +admin +active +true`, user("", "list", "--role", "admin").Stdout)
	assert.Regexp(t, `new@example.com +user +active +false`, user("", "list", "--email", "new").Stdout)
	page := user("", "list", "--limit", "2")
	_, cursor, found := strings.Cut(strings.TrimSpace(page.Stderr), "--cursor ")
	require.True(t, found, page.Stderr)
	assert.Equal(t, 1, strings.Count(user("", "list", "--limit", "2", "--cursor", cursor).Stdout, "@example.com"))

	fails(1, "last active administrator", user("", "set-role", "ada@example.com", "user"))
	fails(1, "last active administrator", user("", "disable", "ada@example.com"))
	fails(1, "no such user", user("", "disable", "nobody@example.com"))
	fails(2, "usage", user("", "set-role", "ada@example.com"))
	fails(2, "support or admin", user("", "set-role", "grace@example.com", "root"))
	fails(2, "support or admin", user(password, "create", "--email", "x@example.com", "--role", "root"))
	fails(2, "support or admin", user("", "list", "--role", "root"))
	fails(2, "active or disabled", user("", "list", "--status", "gone"))
	fails(2, "between 1 and 200", user("", "list", "--limit", "201"))
	assert.Empty(t, user("", "list").Stderr, "a result is printed once, on standard output")
	assert.Contains(t, user("", "set-role", "grace@example.com", "admin").Stdout, "grace@example.com is now admin, active")
	assert.Contains(t, user("", "disable", "ADA@example.com").Stdout, "ada@example.com is now admin, disabled")
	assert.Contains(t, user("", "enable", "ada@example.com").Stdout, "ada@example.com is now admin, active")

	// F-M6.
	fails(2, "ADDRESS", user("", "set-email", "grace@example.com", "no address"))
	fails(1, "exists", user("", "set-email", "grace@example.com", "ada@example.com"))
	require.Equal(t, 0, user(password, "create", "--email", "henry@example.com").Code)
	assert.Contains(t, user("", "set-email", "henry@example.com", "Henry@example.org").Stdout, "henry@example.org is now user, active")
	fails(1, "reserved", user(password, "create", "--email", "henry@example.com"))
	assert.Contains(t, user("", "set-email", "henry@example.org", "henry@example.net", "--recover").Stdout, "henry@example.net is now user, active")

	fails(2, "add --yes", user("", "delete", "ada@example.com"))
	fails(1, "no such user", user("", "delete", "nobody@example.com", "--yes"))
	require.Equal(t, 0, user(password, "create", "--email", "former@example.com").Code)
	deleted := user("", "delete", "former@example.com", "--yes")
	assert.Equal(t, "deleted former@example.com\n", deleted.Stdout)
	assert.Empty(t, deleted.Stderr)
	assert.NotContains(t, user("", "list").Stdout, "former@")

	// The result of the commands works: the login, and the mail to confirm.
	p := program.StartLocal(t, folder, cheap())
	tg := targetOf(t, cheap(), p)
	tg.mails = mailsIn(mailboxOf(t, p))
	c := tg.client(t)
	c.login(person{"grace@example.com", password})
	c.tryLogin(person{"new@example.com", password}).Refused(http.StatusForbidden, "email_not_verified")
	c.verify(tg.token(t, "new@example.com", "verify_email")).Is(http.StatusOK)
	c.login(person{"new@example.com", password})
	assert.Empty(t, tg.mails(t, "henry@example.com"), "no address but the last one can undo the recovery")
	c.confirmReset(tg.token(t, "henry@example.net", "reset_password"), password).Is(http.StatusOK)
	c.login(person{"henry@example.net", password})
	p.Stop(t)
}

// S-27, V-35: a weak key refuses the start, like every mistake, by the name of
// the variable and never by its value.
func TestConfigCheck_ReportsAllProblemsAtOnceAndNoValue(t *testing.T) {
	t.Parallel()
	const value = "value-canary-1"
	bad := program.Env{
		"DATABASE_URL": "postgres://auth:" + value + "@db.example.com/auth", "JWT_SECRET_KEY": value, "SMTP_TLS": value,
		"BCRYPT_COST": "4", "LOG_LEVEL": value, "JWT_ACCESS_TOKEN_EXPIRE_MINUTES": value,
	}
	for _, command := range [][]string{{"config", "check"}, {"serve"}, {}} {
		o := program.Run(t, t.TempDir(), bad, "", command...)
		assert.Equal(t, 2, o.Code, o.Stderr)
		assert.NotContains(t, o.Stdout+o.Stderr, value)
		for _, name := range []string{"JWT_SECRET_KEY", "PUBLIC_URL", "SMTP_HOST", "BCRYPT_COST", "LOG_LEVEL", "JWT_ACCESS_TOKEN_EXPIRE_MINUTES"} {
			assert.Contains(t, o.Stderr, "\n  "+name+": ")
		}
	}
	refused := program.Run(t, t.TempDir(), program.Env{"BCRYPT_COST": "4", "SMPT_HOST": value}, "", "serve")
	assert.Equal(t, 2, refused.Code)
	assert.Contains(t, refused.Stderr, "is SMTP_HOST meant?", "the probable cause is printed with the problems")
	o := program.Run(t, t.TempDir(), program.Env{"JWT_SECRET": value}, "", "config", "check")
	assert.Equal(t, 0, o.Code)
	assert.Contains(t, o.Stdout, "the configuration is good; users are stored in sqlite:")
	assert.Contains(t, o.Stderr, "JWT_SECRET: is not known and has no effect; is JWT_SECRET_KEY meant?")
	assert.NotContains(t, o.Stdout+o.Stderr, value)
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	assert.Regexp(t, `^auth-service \S+ \(go1\.\d+\S* \w+/\w+\)\n$`, program.MustRun(t, folder, nil, "", "version"))
	help := program.MustRun(t, folder, nil, "", "--help")
	for _, command := range []string{"serve", "migrate", "user", "keys", "healthcheck", "openapi", "config", "version", "completion", "mail"} {
		assert.Contains(t, help, "\n  "+command+" ")
	}
	assert.Contains(t, program.MustRun(t, folder, nil, "", "completion", "bash"), "auth-service")
	committed, err := os.ReadFile("../../../docs/openapi.json")
	require.NoError(t, err)
	assert.Equal(t, string(committed), program.MustRun(t, folder, nil, "", "openapi"))
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, left, "these commands do not write to the disk")
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	p := program.StartLocal(t, folder, cheap())
	port := p.URL[strings.LastIndex(p.URL, ":")+1:]
	program.MustRun(t, folder, cheap().With("PORT", port), "", "healthcheck")
	program.MustRun(t, folder, cheap().With("HTTP_ADDR", ":"+port), "", "healthcheck")
	program.MustRun(t, folder, cheap().With("PORT", port), "", "healthcheck", "--ready")
	program.MustRun(t, folder, cheap().With("PORT", port), "", "healthcheck", "--wait", "30s")
	// The command reads no other setting of the service.
	poor := program.Env{
		"PORT": port, "DATABASE_URL": "postgres://u:password-canary@nowhere/auth", "JWT_SECRET_KEY_FILE": "missing", "BCRYPT_COST": "nonsense",
		"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1",
	}
	program.MustRun(t, folder, poor, "", "healthcheck", "--wait", "30s")
	p.Stop(t)
	for _, args := range [][]string{{"healthcheck"}, {"healthcheck", "--ready"}, {"healthcheck", "--wait", "300ms"}} {
		o := program.Run(t, folder, poor, "", args...)
		assert.Equal(t, 1, o.Code, args)
		assert.Contains(t, o.Stderr, "does not answer", args)
		assert.NotContains(t, o.Stderr, "canary", args)
	}
	for _, env := range []program.Env{{"HTTP_ADDR": "nonsense"}, {"PORT": "nonsense"}, {"PORT": "0"}, {"HTTP_ADDR": "127.0.0.1:0"}} {
		assert.Equal(t, 2, program.Run(t, folder, env, "", "healthcheck").Code, env)
	}
	assert.Equal(t, 2, program.Run(t, folder, nil, "", "healthcheck", "--wait", "soon").Code)
}

// A caller that starts a service and waits for it learns when the service is
// ready.
func TestHealthcheck_WaitsForTheService(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	direct := postgrestest.NewDatabase(t)
	program.MustRun(t, folder, program.Env{"DATABASE_URL": direct}, "", "migrate", "up")
	address, err := url.Parse(direct)
	require.NoError(t, err)
	behind := address.Host
	way := newGate(t)
	address.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(way.port))
	p := program.Start(t, folder, production(address.String(), nowhere(t)))
	p.AwaitListening(t)
	asking := program.Env{"HTTP_ADDR": strings.TrimPrefix(p.URL, "http://")}
	program.MustRun(t, folder, asking, "", "healthcheck")
	o := program.Run(t, folder, asking, "", "healthcheck", "--ready")
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "503")
	assert.Contains(t, o.Stderr, "database")

	answer := make(chan program.Outcome, 1)
	go func() { answer <- program.Run(t, folder, asking, "", "healthcheck", "--wait", "60s") }()
	way.open(behind)
	assert.Equal(t, 0, (<-answer).Code)
	p.Stop(t)
}

func TestServe_SaysWhichPortIsInUse(t *testing.T) {
	t.Parallel()
	port := newGate(t).port
	o := program.Run(t, t.TempDir(), cheap().With("PORT", strconv.Itoa(port)), "")
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "HTTP_ADDR")
	assert.Contains(t, o.Stderr, fmt.Sprintf("127.0.0.1:%d", port))
	assert.Contains(t, o.Stderr, "in use")
}
