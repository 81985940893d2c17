package postgrestest

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// guard is the shell script that runs the server and cleans up after it. It ends
// when its standard input ends, which happens on Close or when this process dies,
// even by SIGKILL.
//
//go:embed guard.sh
var guard string

// startAttempts is the number of attempts to start, because another program may
// take the free port first.
const startAttempts = 5

// startTimeout is far longer than a start takes on a busy machine.
const startTimeout = 90 * time.Second

// Server is a private PostgreSQL server on a loopback port. It keeps no data: it
// never syncs to disk, and its folder is removed with it.
type Server struct {
	url   string
	dir   string
	guard *exec.Cmd
	alive io.Closer // closing it ends the guard
}

// Start starts a server. If the caller is root, the server runs as an unprivileged user,
// because PostgreSQL refuses root. The caller may Close it; it also ends with the
// caller's process. Errors: missing binaries, with the command that installs
// them; PostgreSQL's own reason if it does not start.
func Start(ctx context.Context) (*Server, error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return attempt(ctx, func() (*Server, error) {
		dir, credential, err := makeDir()
		if err != nil {
			return nil, err
		}
		return start(ctx, place{bin, dir, credential}, rand.Text())
	})
}

// attempt starts a server, and tries again if that fails.
func attempt(ctx context.Context, start func() (*Server, error)) (s *Server, err error) {
	for range startAttempts {
		if s, err = start(); err == nil || ctx.Err() != nil {
			break
		}
	}
	return s, err
}

// place holds the programs, the folder and the user of a server.
type place struct {
	bin, dir string
	runAs    *syscall.Credential
}

// URL returns the URL of the server's maintenance database, for its superuser.
func (s *Server) URL() string { return s.url }

// Close stops the server and removes its folder.
func (s *Server) Close() error {
	return errors.Join(s.alive.Close(), s.guard.Wait())
}

// start starts a server in its folder, and removes the folder if that fails.
func start(ctx context.Context, at place, password string, settings ...string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(at.dir))
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", guard, "guard", at.bin, at.dir, port}, settings...)...)
	cmd.Dir = at.dir
	cmd.Env = append(os.Environ(), "AUTH_TEST_POSTGRES_PASSWORD="+password)
	// A process group of its own, so that Ctrl-C reaches the tests but not the
	// guard.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: at.runAs}
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(at.dir))
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting PostgreSQL: %w", err), os.RemoveAll(at.dir))
	}
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", password),
		Host: net.JoinHostPort("127.0.0.1", port), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	s := &Server{url: address.String(), dir: at.dir, guard: cmd, alive: alive}
	if err := s.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// awaitReady waits until the server takes connections or has ended.
func (s *Server) awaitReady(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, s.url)
		if err == nil {
			return conn.Close(ctx)
		}
		if _, statErr := os.Stat(filepath.Join(s.dir, "ended")); statErr == nil || ctx.Err() != nil {
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("PostgreSQL did not start: %w; its log says:\n%s", err, log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// freePort returns a loopback port that is free at this moment.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
