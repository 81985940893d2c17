package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/postgrestest"
	"github.com/seed543b3b27/auth-service/test/program"
)

func TestMigrate_MakesShowsAndUndoesSteps(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func() string{
		"SQLite":     func() string { return "sqlite:somewhere/auth.db" },
		"PostgreSQL": func() string { return postgrestest.NewDatabase(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, env := t.TempDir(), program.Env{"DATABASE_URL": url()}
			migrate := func(what string) string { return program.MustRun(t, folder, env, "", "migrate", what) }
			steps := strings.Count(migrate("status"), "missing")
			require.Positive(t, steps)
			assert.Equal(t, steps, strings.Count(migrate("up"), "applied "))
			assert.Contains(t, migrate("up"), "up to date")
			assert.NotContains(t, migrate("status"), "missing")
			assert.Contains(t, migrate("down"), "undid ")
			assert.Equal(t, 1, strings.Count(migrate("status"), "missing"))
			assert.Equal(t, 1, strings.Count(migrate("up"), "applied "))
			for range steps {
				assert.Contains(t, migrate("down"), "undid ")
			}
			assert.Contains(t, migrate("down"), "nothing to undo")
			assert.Equal(t, steps, strings.Count(migrate("status"), "missing"))
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
	fails(1, "has no @", user(password, "create", "--email", "nonsense"))
	fails(1, "commonly used", user("password123\n", "create", "--email", "x@example.com"))
	fails(2, "password is empty", user("", "create", "--email", "x@example.com"))
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
	assert.Contains(t, user("", "set-role", "grace@example.com", "admin").Stdout, "grace@example.com is now admin, active")
	assert.Contains(t, user("", "disable", "ADA@example.com").Stdout, "ada@example.com is now admin, disabled")
	assert.Contains(t, user("", "enable", "ada@example.com").Stdout, "ada@example.com is now admin, active")

	// What the commands left behind works: the login, and the mail to confirm.
	p := program.StartLocal(t, folder, cheap())
	tg := targetOf(t, cheap(), p)
	tg.mails = mailsIn(mailboxOf(t, p))
	c := tg.client(t)
	c.login(person{"grace@example.com", password})
	c.tryLogin(person{"new@example.com", password}).refused(http.StatusForbidden, "email_not_verified")
	c.verify(tg.token(t, "new@example.com", "verify_email")).is(http.StatusOK)
	c.login(person{"new@example.com", password})
	p.Stop(t)
}

// S-27, V-35: a weak key refuses the start, like all that is wrong, by the name
// of the variable and never by its value.
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
	o := program.Run(t, t.TempDir(), program.Env{"JWT_SECRET": value}, "", "config", "check")
	assert.Equal(t, 0, o.Code)
	assert.Contains(t, o.Stdout, "the configuration is good")
	assert.Contains(t, o.Stderr, "JWT_SECRET looks like")
	assert.NotContains(t, o.Stdout+o.Stderr, value)
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, wrong := range [][]string{
		{"nonsense"}, {"--nonsense"}, {"serve", "--nonsense"}, {"serve", "more"}, {"migrate", "sideways"}, {"migrate", "up", "more"},
		{"user", "nonsense"}, {"user", "list", "--limit", "many"}, {"version", "more"},
	} {
		o := program.Run(t, folder, nil, "", wrong...)
		assert.Equal(t, 2, o.Code, "%v: %s", wrong, o.Stderr)
		assert.Contains(t, o.Stderr, "error: ", wrong)
		assert.Empty(t, o.Stdout, wrong)
	}
	assert.Regexp(t, `^auth-service \S+ \(go1\.\d+\S* \w+/\w+\)\n$`, program.MustRun(t, folder, nil, "", "version"))
	help := program.MustRun(t, folder, nil, "", "--help")
	for _, command := range []string{"serve", "migrate", "user", "healthcheck", "openapi", "config", "version", "completion"} {
		assert.Contains(t, help, "\n  "+command+" ")
	}
	assert.Contains(t, program.MustRun(t, folder, nil, "", "completion", "bash"), "auth-service")
	committed, err := os.ReadFile("../../docs/openapi.json")
	require.NoError(t, err)
	assert.Equal(t, string(committed), program.MustRun(t, folder, nil, "", "openapi"))
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, left, "none of these touches the disk")
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	p := program.StartLocal(t, folder, cheap())
	port := p.URL[strings.LastIndex(p.URL, ":")+1:]
	program.MustRun(t, folder, cheap().With("PORT", port), "", "healthcheck")
	program.MustRun(t, folder, cheap().With("HTTP_ADDR", ":"+port), "", "healthcheck")
	p.Stop(t)
	o := program.Run(t, folder, cheap().With("PORT", port), "", "healthcheck")
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "does not answer")
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
