package image

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// memory is the limit of every container, in bytes, including swap.
const memory = 128 << 20

// container is a container that podman runs.
type container struct {
	t    *testing.T
	w    *workshop
	name string
	// url is the address of the service in it.
	url string
	// log is the file of the container's output.
	log string
}

// locked returns the flags of every container. Only mounted folders are writable, and the
// process has no privileges. The limits of files and processes are the limits of this
// machine, because a container may be unable to raise them.
func locked(t *testing.T, network string, memory int) []string {
	t.Helper()
	bytes := strconv.Itoa(memory)
	flags := []string{
		"--pull", "never", "--network", network, "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all",
		"--security-opt", "no-new-privileges", "--memory", bytes, "--memory-swap", bytes,
	}
	for name, resource := range map[string]int{"nofile": syscall.RLIMIT_NOFILE, "nproc": rlimitProcesses} {
		var limit syscall.Rlimit
		require.NoError(t, syscall.Getrlimit(resource, &limit))
		most := strconv.FormatUint(min(limit.Max, 4096), 10)
		flags = append(flags, "--ulimit", name+"="+most+":"+most)
	}
	return flags
}

// rlimitProcesses is RLIMIT_NPROC, which package syscall does not name.
const rlimitProcesses = 6

// environment returns the flags that pass an environment on.
func environment(env program.Env) []string {
	flags := make([]string, 0, 2*len(env))
	for name, value := range env {
		flags = append(flags, "--env", name+"="+value)
	}
	return flags
}

// command runs a command of the program in its own container until it ends.
func command(t *testing.T, image *picture, env program.Env, flags []string, stdin string, args ...string) string {
	t.Helper()
	run := append([]string{"run", "--rm", "--interactive"}, locked(t, "host", memory)...)
	run = append(append(run, environment(env)...), flags...)
	cmd := open(t).podman(append(append(run, image.name), args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := outputOf(cmd)
	require.NoError(t, err)
	return out
}

// start runs the service with the image's own command, on a free port of this
// host.
func start(t *testing.T, image *picture, env program.Env, flags ...string) *container {
	t.Helper()
	c := create(t, image, memory, env, flags...)
	c.awaitReady()
	return c
}

// create runs the service without waiting for it.
func create(t *testing.T, image *picture, memory int, env program.Env, flags ...string) *container {
	t.Helper()
	addr := freeAddr(t)
	c := &container{t: t, w: open(t), url: "http://" + addr, log: filepath.Join(t.TempDir(), "log")}
	run := append([]string{"run", "--detach", "--log-driver", "k8s-file", "--log-opt", "path=" + c.log}, locked(t, "host", memory)...)
	run = append(append(run, environment(env.With("HTTP_ADDR", addr))...), flags...)
	name, err := outputOf(c.w.podman(append(run, image.name)...))
	require.NoError(t, err)
	c.name = name
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the container wrote:\n%s", c.logs())
		}
		_, _ = outputOf(c.w.podman("rm", "--force", "--time", "0", "--volumes", c.name))
	})
	return c
}

// awaitReady waits until the service in it is ready.
func (c *container) awaitReady() {
	c.t.Helper()
	program.Eventually(c.t, "the container is ready", func() bool {
		return program.Status(c.t, c.url+"/readyz") == http.StatusOK
	})
}

// podman runs a command of podman that has to succeed.
func (c *container) podman(args ...string) string {
	c.t.Helper()
	out, err := outputOf(c.w.podman(args...))
	require.NoError(c.t, err)
	return out
}

// logs returns the program's output.
func (c *container) logs() string {
	text, err := os.ReadFile(c.log)
	require.NoError(c.t, err)
	return string(text)
}

// state is the state of a running or ended container.
type state struct {
	Pid       int
	ExitCode  int
	Running   bool
	OOMKilled bool
}

func (c *container) state() state {
	c.t.Helper()
	var s state
	require.NoError(c.t, json.Unmarshal([]byte(c.podman("inspect", "--format", "{{json .State}}", c.name)), &s))
	return s
}

// awaitEnd waits until the program has ended.
func (c *container) awaitEnd() state {
	c.t.Helper()
	program.Eventually(c.t, "the container ends", func() bool { return !c.state().Running })
	return c.state()
}

// controls reads a file of the control group that limits the container's memory,
// by its name in version 1 and in version 2.
func (c *container) controls(one, two string) string {
	c.t.Helper()
	groups, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(c.state().Pid), "cgroup"))
	require.NoError(c.t, err)
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		require.Len(c.t, parts, 3)
		for _, path := range []string{
			filepath.Join("/sys/fs/cgroup/memory", parts[2], one), filepath.Join("/sys/fs/cgroup", parts[2], two),
		} {
			if text, err := os.ReadFile(path); err == nil && (parts[1] == "memory" || parts[1] == "") {
				return strings.TrimSpace(string(text))
			}
		}
	}
	c.t.Fatalf("no control group limits the memory:\n%s", groups)
	return ""
}

func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// exitCode returns the exit code of a command.
func exitCode(cmd *exec.Cmd) int {
	_ = cmd.Run() // the exit code is enough
	return cmd.ProcessState.ExitCode()
}
