package program

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Patience is how long a test waits for something that should happen soon, on a
// busy machine.
const Patience = 30 * time.Second

// Eventually waits until done reports true, and fails the test if it never does.
func Eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", Patience, what)
		}
		time.Sleep(10 * time.Millisecond) // poll
	}
}

// Output collects what a process writes. It is safe for concurrent use.
type Output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String returns what was written so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// Outcome is the result of a command that ended.
type Outcome struct {
	// Code is its exit code.
	Code           int
	Stdout, Stderr string
}

// Release is the path of a built program. The functions of this package run the program
// of these sources. A suite about upgrades runs another program beside it.
type Release string

// Own returns the program of these sources.
func Own() Release { return Release(built) }

// Run runs a command of the program in a folder until it ends.
func Run(t testing.TB, folder string, env Env, stdin string, args ...string) Outcome {
	t.Helper()
	return Own().run(t, folder, env, stdin, args...)
}

func (r Release) run(t testing.TB, folder string, env Env, stdin string, args ...string) Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*Patience)
	defer cancel()
	var stdout, stderr Output
	cmd := exec.CommandContext(ctx, string(r), args...)
	cmd.Dir, cmd.Env = folder, env.list()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	cmd.SysProcAttr = session()
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("running %v: %v", args, err)
	}
	return Outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// MustRun runs a command that has to succeed, and returns its output.
func MustRun(t testing.TB, folder string, env Env, stdin string, args ...string) string {
	t.Helper()
	return Own().MustRun(t, folder, env, stdin, args...)
}

// MustRun runs a command that has to succeed, and returns its output.
func (r Release) MustRun(t testing.TB, folder string, env Env, stdin string, args ...string) string {
	t.Helper()
	result := r.run(t, folder, env, stdin, args...)
	require.Equal(t, 0, result.Code, "auth-service %s\n%s%s", strings.Join(args, " "), result.Stdout, result.Stderr)
	return result.Stdout
}

// CreateAdmin creates an administrator as an operator does.
func CreateAdmin(t testing.TB, folder string, env Env, email, password string) {
	t.Helper()
	out := MustRun(t, folder, env, password+"\n", "user", "create", "--email", email, "--role", "admin")
	require.Contains(t, out, email+" (admin)")
}
