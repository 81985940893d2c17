package pgbouncertest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/test/kit/guard"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// errNotInstalled names the remedy; a test that needs PgBouncer never skips.
var errNotInstalled = errors.New("the program pgbouncer is not installed: apt-get install -y --no-install-recommends pgbouncer")

const (
	// startAttempts is the number of attempts to start, because another program
	// may take the free port first.
	startAttempts = 5
	// startTimeout is far longer than a start takes on a busy machine.
	startTimeout = 30 * time.Second
)

// Bouncer is a running PgBouncer.
type Bouncer struct {
	address string
	dir     string
	process *guard.Process
}

// Start starts a PgBouncer in front of the server of databaseURL, for all its databases
// and for the user of the URL. It ends with the test. If the program is missing, the test
// fails with the command that installs it.
func Start(t testing.TB, databaseURL string, options Options) *Bouncer {
	t.Helper()
	b, err := Run(databaseURL, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("PgBouncer's log:\n%s", b.Log())
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// Run is Start for a PgBouncer that tests share. It ends with the process, or on
// Close. Errors: the missing program, with the command that installs it;
// PgBouncer's own reason if it does not start.
func Run(databaseURL string, options Options) (*Bouncer, error) {
	program, err := findProgram()
	if err != nil {
		return nil, err
	}
	server, err := url.Parse(databaseURL)
	if err != nil {
		return nil, errors.New("pgbouncertest: the URL of the server is malformed")
	}
	for range startAttempts {
		var b *Bouncer
		if b, err = start(program, server, options); err == nil {
			return b, nil
		}
	}
	return nil, err
}

// URL returns the URL of a database through PgBouncer, given the database's own
// URL.
func (b *Bouncer) URL(databaseURL string) string {
	u, err := url.Parse(databaseURL)
	if err != nil {
		panic(err) // the URLs of tests are well-formed
	}
	u.Host = b.address
	return u.String()
}

// Log returns what PgBouncer has logged so far.
func (b *Bouncer) Log() string { return b.process.Log() }

// Close stops PgBouncer and removes its folder.
func (b *Bouncer) Close() error { return b.process.Close() }

// findProgram searches PATH and Debian's folder.
func findProgram() (string, error) {
	if path, err := exec.LookPath("pgbouncer"); err == nil {
		return path, nil
	}
	path, err := exec.LookPath("/usr/sbin/pgbouncer")
	if err != nil {
		return "", errNotInstalled
	}
	return path, nil
}

func start(program string, server *url.URL, options Options) (*Bouncer, error) {
	dir, credential, err := postgrestest.PrivateDir()
	if err != nil {
		return nil, err
	}
	b := &Bouncer{dir: dir}
	if err := b.configure(server, options, credential); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	command := exec.Command(program, filepath.Join(dir, "pgbouncer.ini"))
	command.Dir, command.SysProcAttr = dir, &syscall.SysProcAttr{Credential: credential}
	if b.process, err = guard.StartTemporary(command, dir); err != nil {
		return nil, err
	}
	if err := b.awaitListening(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// configure writes the files of PgBouncer, for the user that it runs as.
func (b *Bouncer) configure(server *url.URL, options Options, credential *syscall.Credential) error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("looking for a free port: %w", err)
	}
	b.address = listener.Addr().String()
	_, port, err := net.SplitHostPort(b.address)
	if err := errors.Join(err, listener.Close()); err != nil {
		return err
	}
	ini, err := configuration(server, options.settings(b.dir, port))
	if err != nil {
		return err
	}
	for name, content := range map[string]string{"pgbouncer.ini": ini, "userlist.txt": userList(server)} {
		path := filepath.Join(b.dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
		if credential != nil {
			if err := os.Chown(path, int(credential.Uid), int(credential.Gid)); err != nil {
				return err
			}
		}
	}
	return nil
}

// awaitListening waits until PgBouncer takes connections or has ended.
func (b *Bouncer) awaitListening() error {
	for deadline := time.Now().Add(startTimeout); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", b.address, time.Second)
		if err == nil {
			return conn.Close()
		}
		if b.process.HasEnded() || time.Now().After(deadline) {
			return fmt.Errorf("PgBouncer did not start: %w; its log says:\n%s", err, b.Log())
		}
	}
}
