package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// run runs the command line and returns its exit code and its output.
func run(t *testing.T, environment map[string]string, input string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(args, IO{In: strings.NewReader(input), Out: &stdout, Err: &stderr, Environment: environment})
	return code, stdout.String(), stderr.String()
}

func TestMain_ConfigCheckReportsEveryProblem(t *testing.T) {
	t.Parallel()
	code, out, _ := run(t, configtest.Production(), "", "config", "check")
	assert.Equal(t, exitOK, code)
	assert.Contains(t, out, "the configuration is good; users are stored in postgres://")

	code, _, errs := run(t, map[string]string{"DATABASE_URL": "postgres://u:secret-canary@db/auth", "JWT_TYPO": "x"}, "", "config", "check")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "3 problems")
	assert.NotContains(t, errs, "secret-canary")

	code, _, errs = run(t, map[string]string{"JWT_TYPO": "x"}, "", "config", "check")
	assert.Equal(t, exitOK, code)
	assert.Contains(t, errs, "JWT_TYPO")
}

func TestMain_UsersAreManagedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	environment := map[string]string{
		"DATABASE_URL": "sqlite://" + filepath.Join(t.TempDir(), "auth.db"), "BCRYPT_COST": "10",
	}
	code, out, errs := run(t, environment, "a long pass phrase\n", "user", "create", "--email", "Admin@Example.com", "--role", "admin")
	require.Equal(t, exitOK, code, errs)
	assert.Contains(t, out, "created admin@example.com (admin)")

	code, _, errs = run(t, environment, "a long pass phrase\n", "user", "create", "--email", "admin@example.com")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "exists")

	code, _, errs = run(t, environment, "password1\n", "user", "create", "--email", "other@example.com")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "commonly used")

	code, _, errs = run(t, environment, "\n", "user", "create", "--email", "other@example.com")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "--password-file")

	code, out, errs = run(t, environment, "", "user", "list")
	require.Equal(t, exitOK, code, errs)
	assert.Contains(t, out, "admin@example.com")

	code, _, errs = run(t, environment, "", "user", "disable", "admin@example.com")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "last active administrator")

	code, _, errs = run(t, environment, "", "user", "set-role", "nobody@example.com", "admin")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "no such user")
}

func TestMain_MigrateNeedsNothingButTheDatabase(t *testing.T) {
	t.Parallel()
	environment := map[string]string{
		"DATABASE_URL": "sqlite://" + filepath.Join(t.TempDir(), "auth.db"), "SMTP_PORT": "nonsense",
	}
	code, out, errs := run(t, environment, "", "migrate", "up")
	require.Equal(t, exitOK, code, errs)
	assert.Contains(t, out, "applied 0001")
	code, out, _ = run(t, environment, "", "migrate", "up")
	assert.Equal(t, exitOK, code)
	assert.Contains(t, out, "up to date")
	code, out, _ = run(t, environment, "", "migrate", "status")
	assert.Equal(t, exitOK, code)
	assert.NotContains(t, out, "missing")
	code, _, errs = run(t, map[string]string{"DATABASE_URL": "mysql://x"}, "", "migrate", "up")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "DATABASE_URL")
}

func TestMain_WrongCommandLinesNameTheRemedy(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"sreve"}, {"migrate", "sideways"}, {"user", "create"}, {"user", "set-role", "one"}, {"serve", "--fast"}} {
		code, _, errs := run(t, nil, "", args...)
		assert.Equal(t, exitUsage, code, args)
		assert.True(t, strings.HasPrefix(errs, "error: "), errs)
	}
	code, out, _ := run(t, nil, "", "version")
	assert.Equal(t, exitOK, code)
	assert.Contains(t, out, "auth-service "+service.Version())
	code, out, _ = run(t, nil, "", "--help")
	assert.Equal(t, exitOK, code)
	for _, command := range []string{"serve", "migrate", "user", "healthcheck", "openapi", "config", "version", "completion"} {
		assert.Contains(t, out, command)
	}
}

func TestMain_PrintsTheCommittedOpenAPIDocument(t *testing.T) {
	t.Parallel()
	committed, err := os.ReadFile("../../docs/openapi.json")
	require.NoError(t, err)
	code, out, _ := run(t, nil, "", "openapi")
	assert.Equal(t, exitOK, code)
	assert.JSONEq(t, string(committed), out)
}

func TestMain_HealthcheckFailsWithoutAServer(t *testing.T) {
	t.Parallel()
	code, _, errs := run(t, map[string]string{"HTTP_ADDR": "127.0.0.1:1"}, "", "healthcheck")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "does not answer")
}

func TestPlainText_ShowsTheDetailOfARefusal(t *testing.T) {
	t.Parallel()
	assert.Equal(t, domain.ErrLastAdmin.Detail, plainText(domain.ErrLastAdmin))
}

// The text for clients hides the cause of an outage; the command line shows it.
func TestPlainText_ShowsTheCauseOfAnOutage(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("database: asking: %w: %w", domain.ErrUnavailable, errors.New("password authentication failed"))
	assert.Equal(t, "database: asking: password authentication failed", plainText(err))
}
