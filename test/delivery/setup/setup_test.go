// Package setup holds only tests. They run scripts/setup on machines that lack programs.
package setup

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// machine is a repository with scripts/setup and stubs of the programs that it calls.
type machine struct {
	t      *testing.T
	folder string
}

// newMachine returns a machine that lacks nothing and has none of the programs that
// install something.
func newMachine(t *testing.T) machine {
	t.Helper()
	m := machine{t, t.TempDir()}
	script, err := os.ReadFile("../../../scripts/setup")
	require.NoError(t, err)
	m.write("scripts/setup", string(script))
	m.lacks("", "")
	m.program("go", "")
	m.program("id", "echo 1000")
	for _, name := range []string{"bash", "dirname", "env"} {
		path, err := exec.LookPath(name)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(m.folder, "bin", name)))
	}
	return m
}

func (m machine) write(name, text string) {
	m.t.Helper()
	path := filepath.Join(m.folder, name)
	require.NoError(m.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(m.t, os.WriteFile(path, []byte(text), 0o700))
}

// program adds a program, which writes down how it was called.
func (m machine) program(name, body string) {
	m.t.Helper()
	m.write("bin/"+name, "#!/bin/sh\necho \"${0##*/} $*\" >>"+filepath.Join(m.folder, "calls")+"\n"+body+"\n")
}

// lacks sets the packages that `make test` and `make image` need.
func (m machine) lacks(test, image string) {
	m.t.Helper()
	m.write("test/programs.sh", "#!/bin/sh\ncase ${1:-} in\n'') printf '"+test+"' ;;\nimage) printf '"+image+"' ;;\nesac\n")
}

// run runs scripts/setup, and returns what it says and which programs it called.
func (m machine) run(args ...string) (code int, said, called string) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), filepath.Join(m.folder, "scripts/setup"), args...)
	cmd.Env = []string{"PATH=" + filepath.Join(m.folder, "bin")}
	out, _ := cmd.CombinedOutput() // the exit code tells
	calls, _ := os.ReadFile(filepath.Join(m.folder, "calls"))
	return cmd.ProcessState.ExitCode(), string(out), string(calls)
}

func TestSetup_DoesNothingIfNothingIsMissing(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.program("apt-get", "exit 1")
	for _, args := range [][]string{nil, {"image"}, {"all"}} {
		code, said, called := m.run(args...)
		assert.Equal(t, 0, code)
		assert.Empty(t, said)
		assert.Empty(t, called)
	}
}

func TestSetup_InstallsAsRoot(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.lacks(`postgresql\ncaddy\n`, `buildah\ncaddy\n`)
	m.program("id", "echo 0")
	m.program("apt-get", "")
	code, said, called := m.run("all")
	assert.Equal(t, 0, code, said)
	assert.Equal(t, "installing: postgresql caddy buildah\n", said)
	assert.Equal(t, "id -u\napt-get update -qq\napt-get install -qq -y --no-install-recommends postgresql caddy buildah\n", called)
}

func TestSetup_InstallsBySudoWithoutAPassword(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.lacks(`postgresql\n`, "")
	m.program("sudo", `shift; exec "$@"`)
	m.program("true", "")
	m.program("apt-get", "")
	code, said, called := m.run()
	assert.Equal(t, 0, code, said)
	assert.Contains(t, called, "apt-get install -qq -y --no-install-recommends postgresql\n")
	assert.Contains(t, called, "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update -qq\n")
}

func TestSetup_PrintsTheLineIfItMayNotInstall(t *testing.T) {
	t.Parallel()
	for name, sudo := range map[string]string{"no sudo": "", "sudo with a password": "exit 1"} {
		m := newMachine(t)
		m.lacks(`postgresql\ncaddy\n`, "")
		m.program("apt-get", "")
		if sudo != "" {
			m.program("sudo", sudo)
		}
		code, said, called := m.run()
		assert.Equal(t, 1, code, name)
		assert.Contains(t, said, "\n  apt-get update && apt-get install --no-install-recommends postgresql caddy\n", name)
		assert.NotContains(t, called, "apt-get", name)
	}
	m := newMachine(t) // of another family of systems
	m.lacks(`postgresql\n`, "")
	code, said, _ := m.run()
	assert.Equal(t, 1, code)
	assert.Equal(t, "tests need programs that are missing; their Debian packages are: postgresql\n", said)
}

func TestSetup_FailsIfTheListFails(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.write("test/programs.sh", "#!/bin/sh\nexit 3\n")
	code, _, _ := m.run()
	assert.Equal(t, 3, code)

	require.NoError(t, os.Remove(filepath.Join(m.folder, "bin/go")))
	code, said, _ := m.run()
	assert.Equal(t, 1, code)
	assert.True(t, strings.HasPrefix(said, "Go is not installed"), said)
}
