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

// guard is the shell script that runs the server and cleans up behind it. It
// waits for the end of its standard input, which comes with Close or with the
// death of this process, even by SIGKILL.
//
//go:embed guard.sh
var guard string

// startAttempts bounds how often a start is tried again: the free port it chose
// may be taken by somebody else meanwhile.
const startAttempts = 5

// startTimeout is far above what a start takes on a busy machine.
const startTimeout = 90 * time.Second

// Server is a private PostgreSQL server on a loopback port. It keeps nothing: it
// never syncs to disk, and its folder goes with it.
type Server struct {
	url   string
	dir   string
	guard *exec.Cmd
	alive io.Closer // closing it tells the guard to end
}

// Start starts a server. It runs as an unprivileged user if the caller is root,
// since PostgreSQL refuses root. The caller may Close it; when the caller's
// process ends, so does the server. Errors: missing binaries, with what to
// install; whatever PostgreSQL says when it doesn't start.
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

// attempt starts a server, again if that fails.
func attempt(ctx context.Context, start func() (*Server, error)) (s *Server, err error) {
	for range startAttempts {
		if s, err = start(); err == nil || ctx.Err() != nil {
			break
		}
	}
	return s, err
}

// place says where a server's programs and its folder are, and as whom it runs.
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

// start starts a server in its folder, which goes if that fails.
func start(ctx context.Context, at place, password string, settings ...string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(at.dir))
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", guard, "guard", at.bin, at.dir, port}, settings...)...)
	cmd.Dir = at.dir
	cmd.Env = append(os.Environ(), "AUTH_TEST_POSTGRES_PASSWORD="+password)
	// Its own process group, so that Ctrl-C reaches the tests but not the guard.
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

// freePort returns a loopback port that nobody listens on at this moment.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
