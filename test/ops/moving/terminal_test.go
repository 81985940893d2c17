package moving

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// atTerminal runs a shell line at a terminal, and returns its output and the exit
// code.
func atTerminal(t testing.TB, folder string, env program.Env, line string) (shown string, code int) {
	t.Helper()
	_, err := exec.LookPath("script")
	require.NoError(t, err, "script is missing: apt-get install bsdutils")
	ctx, cancel := context.WithTimeout(context.Background(), 4*program.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "script", "-qfec", line, "/dev/null")
	cmd.Dir = folder
	cmd.Env = []string{"PATH=" + filepath.Dir(program.Path()) + ":" + os.Getenv("PATH"), "TERM=xterm", "SHELL=/bin/sh"}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		require.NoError(t, err, "%s\n%s", line, out)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// A terminal shows the progress, and a file does not.
func TestProgress_IsShownOnlyAtATerminal(t *testing.T) {
	t.Parallel()
	folder, env := newService(t)
	users := filepath.Base(writeUsers(t, folder, 1000))
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		return string(content)
	}

	shown, code := atTerminal(t, folder, env, "auth-service import "+users+" > out.txt")
	assert.Equal(t, 0, code, shown)
	assert.Contains(t, shown, "%", "the progress")
	assert.Contains(t, shown, users, "the name of the file")
	assert.Contains(t, shown, "\r", "each line replaces the last one")
	assert.Equal(t, "imported 1000, already there 0, refused 0\n", read("out.txt"))

	shown, code = atTerminal(t, folder, env, "auth-service export --with-password-hashes > all.csv")
	assert.Equal(t, 0, code, shown)
	assert.Contains(t, shown, "exporting")
	assert.NotContains(t, shown, "@example.com")
	assert.Equal(t, 1001, strings.Count(read("all.csv"), "\n"))
	assert.NotContains(t, read("all.csv"), "\r")
	assert.NotContains(t, read("all.csv"), "exporting")

	shown, code = atTerminal(t, folder, env, "auth-service import "+users+" 2> errors.txt")
	assert.Equal(t, 0, code, shown)
	assert.Equal(t, "imported 0, already there 1000, refused 0\r\n", shown, "no bar on standard output")
	assert.Empty(t, read("errors.txt"), "no bar in a file")
}

func TestExport_ShowsNoHashesAtATerminal(t *testing.T) {
	t.Parallel()
	folder, env := newService(t)
	writeUsers(t, folder, 1)
	program.MustRun(t, folder, env, "", "import", "users-1.jsonl")
	shown, code := atTerminal(t, folder, env, "auth-service export --with-password-hashes")
	assert.Equal(t, 2, code, shown)
	assert.Contains(t, shown, "password hashes are not shown on a terminal; name a file")
	assert.NotContains(t, shown, "$2b$")
	shown, code = atTerminal(t, folder, env, "auth-service export")
	assert.Equal(t, 0, code, shown)
	assert.Contains(t, shown, "user0@example.com", "an export without hashes is shown")
	assert.NotContains(t, shown, "$2b$")
}
