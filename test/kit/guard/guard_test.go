package guard_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/guard"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// asStarter makes the test binary start a guarded program and wait to be killed.
const asStarter = "GUARD_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asStarter); dir != "" {
		if _, err := guard.StartTemporary(sleeper(dir), dir); err != nil {
			panic(err)
		}
		select {}
	}
	os.Exit(m.Run())
}

// sleeper returns a command that writes its process id into a folder and then sleeps for
// a long time.
func sleeper(dir string) *exec.Cmd {
	command := exec.Command("/bin/sh", "-c", `echo $$ >new && mv new pid; exec sleep 1000`)
	command.Dir = dir
	return command
}

// pid waits for the id that a sleeper writes.
func pid(t *testing.T, dir string) int {
	t.Helper()
	id := 0
	program.Eventually(t, "the program runs", func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "pid"))
		if err == nil {
			id, err = strconv.Atoi(strings.TrimSpace(string(text)))
		}
		return err == nil
	})
	return id
}

func isGone(pid int) bool { return syscall.Kill(pid, 0) != nil }

func TestClose_EndsTheProgramAndRemovesItsFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.Mkdir(dir, 0o700))
	p, err := guard.StartTemporary(sleeper(dir), dir)
	require.NoError(t, err)
	id := pid(t, dir)
	assert.False(t, p.HasEnded())
	assert.False(t, isGone(id))
	require.NoError(t, p.Close())
	assert.True(t, p.HasEnded())
	program.Eventually(t, "the program is gone", func() bool { return isGone(id) })
	assert.NoDirExists(t, dir)
}

// The files of a program that ended by itself stay until Close.
func TestEnded_ReportsAProgramThatEndsByItself(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.Mkdir(dir, 0o700))
	p, err := guard.StartTemporary(exec.Command("/bin/sh", "-c", "echo why; exit 1"), dir)
	require.NoError(t, err)
	<-p.Ended()
	assert.Equal(t, "why\n", p.Log())
	require.NoError(t, p.Close())
	assert.NoDirExists(t, dir)
}

func TestStart_LeavesNothingOfAMissingProgram(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.Mkdir(dir, 0o700))
	_, err := guard.StartTemporary(exec.Command("no-such-program"), dir)
	require.ErrorIs(t, err, exec.ErrNotFound)
	assert.NoDirExists(t, dir)
}

func TestGuard_EndsTheProgramOfAKilledProcess(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.Mkdir(dir, 0o700))
	self, err := os.Executable()
	require.NoError(t, err)
	starter := exec.Command(self)
	starter.Env = append(os.Environ(), asStarter+"="+dir)
	require.NoError(t, starter.Start())
	id := pid(t, dir)
	require.NoError(t, starter.Process.Kill())
	_ = starter.Wait()
	program.Eventually(t, "the program is gone", func() bool { return isGone(id) })
	program.Eventually(t, "the program's folder is gone", func() bool {
		_, err := os.Stat(dir)
		return os.IsNotExist(err)
	})
	_, err = os.Stat(filepath.Dir(dir))
	assert.NotErrorIs(t, err, fs.ErrNotExist)
}
