package moving

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// marked matches a block of commands that is marked to be run, and its name.
var marked = regexp.MustCompile("(?s)<!-- run: ([a-z-]+) -->\n```sh\n(.*?)```")

// commands returns the marked blocks of a guide, one after the other.
func commands(t testing.TB, guide string) string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/moving/" + guide)
	require.NoError(t, err)
	var all strings.Builder
	matches := marked.FindAllStringSubmatch(string(text), -1)
	require.Len(t, matches, strings.Count(string(text), "<!-- run: "), "every mark must stand directly above its block")
	for _, match := range matches {
		all.WriteString(match[2])
	}
	require.NotEmpty(t, all.String(), "%s must have commands to run", guide)
	return all.String()
}

// bash runs commands in a folder with the program in PATH, and returns their
// output. A missing command fails the test.
func bash(t testing.TB, folder string, env program.Env, script string) string {
	t.Helper()
	for _, name := range []string{"psql", "jq", "curl"} {
		_, err := exec.LookPath(name)
		require.NoError(t, err, "apt-get install postgresql jq curl")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*program.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", "set -euo pipefail\n"+script)
	cmd.Dir = folder
	cmd.Env = []string{"PATH=" + filepath.Dir(program.Path()) + ":" + os.Getenv("PATH")}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", script, out)
	return string(out)
}

// newService returns the folder and the configuration of a service with an empty database.
func newService(t testing.TB) (folder string, env program.Env) {
	t.Helper()
	folder, env = t.TempDir(), program.Cheap().Unlimited()
	program.MustRun(t, folder, env, "", "migrate", "up")
	return folder, env
}

// signIns starts the service and checks the answer to each login twice: with the
// old hash and with its replacement.
func signIns(t testing.TB, folder string, env program.Env, people map[[2]string]string) {
	t.Helper()
	p := program.StartLocal(t, folder, env)
	defer p.Stop(t)
	for person, want := range people {
		for range 2 {
			got := login(t, p.URL, person[0], person[1])
			// On a machine that is busy with other tests, a hash may not come in time.
			for deadline := time.Now().Add(4 * program.Patience); got == "unavailable" || got == "overloaded"; {
				require.True(t, time.Now().Before(deadline), "%s must get an answer in time", person[0])
				got = login(t, p.URL, person[0], person[1])
			}
			require.Equal(t, want, got, person[0])
		}
	}
}

// login returns "in", or the code of the refusal.
func login(t testing.TB, url, email, password string) string {
	t.Helper()
	a := api.New(t, url).Once(api.Request{Method: http.MethodPost, Path: "/api/auth/login", Body: api.Object{"email": email, "password": password}})
	if a.Status == http.StatusOK {
		return "in"
	}
	return a.Code
}

// export returns all users of a database with their hashes.
func export(t testing.TB, folder string, env program.Env) string {
	t.Helper()
	return bash(t, folder, env, "auth-service export --with-password-hashes 2>/dev/null")
}

// copyTo copies files of testdata.
func copyTo(t testing.TB, folder string, names ...string) {
	t.Helper()
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
}
