package e2e

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what should happen soon; machines that
// run tests are busy.
const patience = 30 * time.Second

// eventually waits until done reports true, and fails the test if it never does.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
		time.Sleep(10 * time.Millisecond) // between two looks
	}
}

// variables are the whole environment of a process.
type variables map[string]string

// with returns a copy with more variables; an empty value removes one.
func (v variables) with(pairs ...string) variables {
	c := variables{}
	for name, value := range v {
		c[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		c[pairs[i]] = pairs[i+1]
		if pairs[i+1] == "" {
			delete(c, pairs[i])
		}
	}
	return c
}

func (v variables) list() []string {
	list := make([]string, 0, len(v))
	for name, value := range v {
		list = append(list, name+"="+value)
	}
	return list
}

// output collects what a process writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// outcome is what a command that ended left.
type outcome struct {
	code           int
	stdout, stderr string
}

// run runs a command of the program to its end.
func run(t testing.TB, folder string, env variables, stdin string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	var stdout, stderr output
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = folder, env.list()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("running %v: %v", args, err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// mustRun runs a command that has to succeed, and returns what it printed.
func mustRun(t testing.TB, folder string, env variables, stdin string, args ...string) string {
	t.Helper()
	result := run(t, folder, env, stdin, args...)
	require.Equal(t, 0, result.code, "auth-service %s\n%s%s", strings.Join(args, " "), result.stdout, result.stderr)
	return result.stdout
}

// process is a serving process.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr output
	// url is where it answers; known once it says so.
	url string

	ended chan struct{} // closed when it ended
	code  int           // then its exit code
	// unguard ends the watchdog.
	unguard func()
}

// start starts a serving process without waiting until it answers. Its output
// is shown if the test fails, and it is killed if the test forgets to stop it.
func start(t testing.TB, folder string, env variables) *process {
	t.Helper()
	p := &process{ended: make(chan struct{})}
	p.cmd = exec.Command(program)
	p.cmd.Dir, p.cmd.Env = folder, env.list()
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	require.NoError(t, p.cmd.Start())
	p.unguard = guard(t, p.cmd.Process.Pid)
	go func() {
		_ = p.cmd.Wait() // its exit code tells all
		p.code = p.cmd.ProcessState.ExitCode()
		close(p.ended)
	}()
	t.Cleanup(func() {
		if !p.hasEnded() {
			_ = p.cmd.Process.Kill()
			<-p.ended
			p.unguard()
		}
		if t.Failed() {
			t.Logf("process %d, standard output:\n%s\nstandard error:\n%s", p.cmd.Process.Pid, p.stdout.String(), p.stderr.String())
		}
	})
	return p
}

// guard kills a process when this one is gone, however that ended.
func guard(t testing.TB, pid int) (end func()) {
	t.Helper()
	watchdog := exec.Command("sh", "-c", `cat >/dev/null; kill -9 "$0" 2>/dev/null`, strconv.Itoa(pid))
	input, err := watchdog.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, watchdog.Start())
	return func() {
		_ = watchdog.Process.Kill()
		_ = input.Close()
		_ = watchdog.Wait()
	}
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// awaitExit waits until the process ended and returns its exit code.
func (p *process) awaitExit(t testing.TB) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatalf("process %d does not end", p.cmd.Process.Pid)
	}
	p.unguard()
	return p.code
}

// stop asks the process to stop, as an orchestrator does, and expects it to obey.
func (p *process) stop(t testing.TB) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, 0, p.awaitExit(t), "exit code after SIGTERM; standard error:\n%s", p.stderr.String())
}

// serving matches the line of the log, or of the banner, with the address.
var serving = regexp.MustCompile(`(?:"addr":"|Listens +)(127\.0\.0\.1:\d+)`)

// awaitListening waits until the process says where it listens.
func (p *process) awaitListening(t testing.TB) {
	t.Helper()
	eventually(t, "the process says where it listens", func() bool {
		if p.hasEnded() {
			t.Fatalf("the process ended with %d instead of serving", p.code)
		}
		match := serving.FindStringSubmatch(p.stdout.String() + p.stderr.String())
		if match == nil {
			return false
		}
		p.url = "http://" + match[1]
		return true
	})
}

// awaitReady waits until the process is ready.
func (p *process) awaitReady(t testing.TB) {
	t.Helper()
	p.awaitListening(t)
	eventually(t, "the process is ready", func() bool { return status(t, p.url+"/readyz") == http.StatusOK })
}

// status asks an address for its status; 0 if nobody answers.
func status(t testing.TB, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// startLocal starts a process that needs a port known beforehand, since its
// links lead there. Another program may take a free port first, so it tries
// again.
func startLocal(t testing.TB, folder string, env variables) *process {
	t.Helper()
	for range 5 {
		p := start(t, folder, env.with("PORT", strconv.Itoa(freePort(t))))
		eventually(t, "the process listens or gives up", func() bool {
			return p.hasEnded() || serving.MatchString(p.stdout.String()+p.stderr.String())
		})
		if p.hasEnded() && strings.Contains(p.stderr.String(), "address already in use") {
			p.unguard()
			continue
		}
		p.awaitReady(t)
		return p
	}
	t.Fatal("no port stays free")
	return nil
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	return n
}
