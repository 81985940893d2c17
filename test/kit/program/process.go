package program

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Process is a serving process.
type Process struct {
	Stdout, Stderr Output
	// URL is the process's address, known once the process has printed it.
	URL string

	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended
	code  int           // then its exit code
	// unguard ends the watchdog.
	unguard func()
}

// Start starts a serving process without waiting for an answer. Its output is
// shown if the test fails, and it is killed if the test does not stop it.
func Start(t testing.TB, folder string, env Env) *Process {
	t.Helper()
	return Own().Start(t, folder, env)
}

// Start is the function Start for this program.
func (r Release) Start(t testing.TB, folder string, env Env) *Process {
	t.Helper()
	p := &Process{ended: make(chan struct{})}
	p.cmd = exec.Command(string(r))
	p.cmd.Dir, p.cmd.Env = folder, env.list()
	p.cmd.Stdout, p.cmd.Stderr = &p.Stdout, &p.Stderr
	p.cmd.SysProcAttr = session()
	require.NoError(t, p.cmd.Start())
	p.unguard = guard(t, p.PID())
	go func() {
		_ = p.cmd.Wait() // the exit code is enough
		p.code = p.cmd.ProcessState.ExitCode()
		close(p.ended)
	}()
	t.Cleanup(func() {
		if !p.HasEnded() {
			_ = p.cmd.Process.Kill()
			<-p.ended
			p.unguard()
		}
		if t.Failed() {
			t.Logf("process %d, standard output:\n%s\nstandard error:\n%s", p.PID(), tail(p.Stdout.String()), tail(p.Stderr.String()))
		}
	})
	return p
}

// tail keeps the output of a long test readable.
func tail(text string) string {
	const kept = 64 << 10
	if len(text) <= kept {
		return text
	}
	return "…" + text[len(text)-kept:]
}

// session gives a process its own session. Linux shares the processors among
// sessions first and applies niceness only within one (autogroups, see sched(7)).
// As in a container or a systemd unit, the hashing threads then give way to the
// program's other threads, but not to everything else on the machine. In one
// session with compilers and suites, a hash could wait for many seconds.
func session() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// guard kills a process when this one has ended, even if it was killed.
func guard(t testing.TB, pid int) (end func()) {
	t.Helper()
	watchdog := exec.Command("sh", "-c", `cat >/dev/null; kill -9 "$0" 2>/dev/null`, strconv.Itoa(pid))
	input, err := watchdog.StdinPipe()
	require.NoError(t, err)
	watchdog.SysProcAttr = session() // Ctrl-C must reach only the tests
	require.NoError(t, watchdog.Start())
	return func() {
		_ = watchdog.Process.Kill()
		_ = input.Close()
		_ = watchdog.Wait()
	}
}

// PID returns the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// HasEnded reports whether the process has ended.
func (p *Process) HasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// Signal sends the process a signal.
func (p *Process) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(signal))
}

// AwaitExit waits until the process has ended and returns its exit code.
func (p *Process) AwaitExit(t testing.TB) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(Patience):
		t.Fatalf("process %d does not end", p.PID())
	}
	p.unguard()
	return p.code
}

// Stop asks the process to stop, as an orchestrator does, and expects it to obey.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	p.Signal(t, syscall.SIGTERM)
	assert.Equal(t, 0, p.AwaitExit(t), "exit code after SIGTERM; standard error:\n%s", tail(p.Stderr.String()))
}

// serving matches the line of the log, or of the banner, with the address.
var serving = regexp.MustCompile(`(?:"addr":"|Listens +)(127\.0\.0\.1:\d+)`)

// AwaitListening waits until the process has printed its address.
func (p *Process) AwaitListening(t testing.TB) {
	t.Helper()
	Eventually(t, "the process prints its address", func() bool {
		if p.HasEnded() {
			t.Fatalf("the process ended with %d instead of serving", p.code)
		}
		match := serving.FindStringSubmatch(p.Stdout.String() + p.Stderr.String())
		if match == nil {
			return false
		}
		p.URL = "http://" + match[1]
		return true
	})
}

// AwaitReady waits until the process is ready.
func (p *Process) AwaitReady(t testing.TB) {
	t.Helper()
	p.AwaitListening(t)
	Eventually(t, "the process is ready", func() bool { return Status(t, p.URL+"/readyz") == http.StatusOK })
}

// Status returns the status of the answer from an address, or 0 if there is no answer.
func Status(t testing.TB, url string) int {
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

// StartLocal starts a process whose port must be known beforehand, because its
// links lead there, and waits until it is ready. Another program may take a free
// port first, so StartLocal tries several times.
func StartLocal(t testing.TB, folder string, env Env) *Process {
	t.Helper()
	for range 5 {
		p := Start(t, folder, env.With("PORT", strconv.Itoa(freePort(t))))
		Eventually(t, "the process listens or gives up", func() bool {
			return p.HasEnded() || serving.MatchString(p.Stdout.String()+p.Stderr.String())
		})
		if p.HasEnded() && strings.Contains(p.Stderr.String(), "address already in use") {
			p.unguard()
			continue
		}
		p.AwaitReady(t)
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
