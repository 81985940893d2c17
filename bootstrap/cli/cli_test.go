package cli

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
)

// run runs the command line and returns its exit code and its output.
func run(t *testing.T, environment map[string]string, input string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(args, IO{In: strings.NewReader(input), Out: &stdout, Err: &stderr, Environment: environment})
	return code, stdout.String(), stderr.String()
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

// What the command line or the standard input gave is wrong, so the same command fails
// again: 2. There is no such user, which may change: 1.
func TestMain_BadInputIsAWrongCommandLine(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(t.TempDir(), "auth.db"), "BCRYPT_COST": "10"}
	create := func(address string) []string { return []string{"user", "create", "--email", address} }
	for _, c := range []struct {
		args  []string
		input string
		code  int
	}{
		{create("ada@example.com"), "short\n", exitUsage},
		{create("ada@example.com"), "password\n", exitUsage},
		{create("ada@example.com"), "ada@example.com\n", exitUsage},
		{create("ada@example.com"), "seven ravens under the bridge\n", exitOK},
		{create("ada@example.com"), "seven ravens under the bridge\n", exitFailed},
		{create("ada"), "seven ravens under the bridge\n", exitUsage},
		{[]string{"user", "list", "--email", "ada"}, "", exitOK},
		{[]string{"user", "list", "--email", "ä"}, "", exitUsage},
		{[]string{"user", "list", "--cursor", "x"}, "", exitUsage},
		{[]string{"user", "disable", "grace@example.com"}, "", exitFailed},
		{[]string{"user", "disable", "grace"}, "", exitFailed},
		{[]string{"user", "disable", "grace@"}, "", exitUsage},
		{[]string{"user", "set-role", "grace@", "admin"}, "", exitUsage},
		{[]string{"user", "set-email", "ada@example.com", "ada"}, "", exitUsage},
		{[]string{"user", "delete", "grace@", "--yes"}, "", exitUsage},
	} {
		code, _, errs := run(t, env, c.input, c.args...)
		assert.Equal(t, c.code, code, "%v %q: %s", c.args, c.input, errs)
	}
}
