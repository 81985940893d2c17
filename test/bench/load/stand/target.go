package stand

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"time"

	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
)

// readyTimeout is far longer than a start takes on a busy machine.
const readyTimeout = 60 * time.Second

// seedTimeout is far longer than the logins of all Sessions take on a busy machine.
const seedTimeout = 5 * time.Minute

// Target is a server to measure, with the users of its database.
type Target struct {
	Name string
	// Requests are its operations by name: check, forward-auth, refresh, login, register
	// and others, as far as it has them.
	Requests map[string]generate.Request
	// Sessions are users that are signed in; Accounts are others, with a password of the
	// usual cost.
	Sessions []generate.User
	Accounts []generate.User
	// Base is the URL of the running server.
	Base string

	health   string // the path that succeeds once the server is ready
	metrics  string // the path of its metrics, or ""
	database int    // the process of PostgreSQL, or 0
	command  func(address string) *exec.Cmd
	log      string
	mails    *mailbox
	running  *process
}

// Start starts the server, waits until it is ready and returns the time that this took.
// Errors: the server ends, or is not ready within a minute; both with its log.
func (t *Target) Start(ctx context.Context) (time.Duration, error) {
	address, err := freeAddress()
	if err != nil {
		return 0, err
	}
	t.Base = "http://" + address
	begin := time.Now()
	if t.running, err = startProcess(t.command(address), t.log); err != nil {
		return 0, err
	}
	for time.Since(begin) < readyTimeout {
		if t.ready(ctx) {
			return time.Since(begin), nil
		}
		select {
		case <-t.running.ended:
			return 0, t.running.failure("ended before it was ready")
		case <-time.After(time.Millisecond):
		}
	}
	return 0, fmt.Errorf("%w; %w", t.running.failure("is not ready"), t.running.stop())
}

// ready reports whether the server says that it is ready.
func (t *Target) ready(ctx context.Context) bool {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", t.Base[len("http://"):])
	if err != nil {
		return false // it does not listen yet
	}
	_ = conn.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.Base+t.health, http.NoBody)
	if err != nil {
		return false
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Stop stops the server. Errors: a server that does not stop, or has ended before.
func (t *Target) Stop() error { return t.running.stop() }

// PID returns the id of the server's process.
func (t *Target) PID() int { return t.running.pid() }

// Watch returns the processes whose use belongs to the target, by name: "server" and, with
// PostgreSQL, "database".
func (t *Target) Watch() map[string]int {
	watch := map[string]int{"server": t.PID()}
	if t.database != 0 {
		watch["database"] = t.database
	}
	return watch
}

// login signs in all Sessions, as many at a time as a busy machine takes without refusals.
func (t *Target) login() error {
	return generate.Each(t.Base, t.Requests["login"], t.Sessions, 2*runtime.NumCPU(), seedTimeout)
}
