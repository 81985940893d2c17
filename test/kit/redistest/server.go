package redistest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/seed543b3b27/auth-service/test/kit/guard"
)

// errNotInstalled names the remedy; a test that needs Redis never skips.
var errNotInstalled = errors.New("the program redis-server is not installed: apt-get install -y --no-install-recommends redis-server")

// startAttempts is the number of attempts to start, because another program may
// take the free port first.
const startAttempts = 5

// startTimeout is far longer than a start takes on a busy machine.
const startTimeout = 60 * time.Second

// configuration makes the server private and keeps it from writing to disk.
const configuration = `bind 127.0.0.1
port %s
dir %s
requirepass %s
databases %d
save ""
appendonly no
daemonize no
`

// Server is a private Redis server on a loopback port.
type Server struct {
	address  string
	password string
	dir      string
	process  *guard.Process
}

// Start starts a server. The caller may Close it; it also ends with the caller's
// process. Errors: the missing program, with the command that installs it;
// Redis's own reason if it does not start.
func Start(ctx context.Context) (*Server, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errNotInstalled
	}
	logging.Disable() // go-redis would print each failed connection during the start
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for range startAttempts {
		var s *Server
		if s, err = start(ctx, program); err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// URL returns the URL of the server's first database.
func (s *Server) URL() string { return s.database(0) }

// Close stops the server and removes its folder.
func (s *Server) Close() error { return s.process.Close() }

func start(ctx context.Context, program string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "authredis")
	if err != nil {
		return nil, err
	}
	s := &Server{address: net.JoinHostPort("127.0.0.1", port), password: rand.Text(), dir: dir}
	config := fmt.Sprintf(configuration, port, dir, s.password, databases)
	if err := os.WriteFile(filepath.Join(dir, "redis.conf"), []byte(config), 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if s.process, err = guard.StartTemporary(exec.Command(program, filepath.Join(dir, "redis.conf")), dir); err != nil {
		return nil, err
	}
	if err := s.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// awaitReady waits until the server answers or has ended.
func (s *Server) awaitReady(ctx context.Context) error {
	for {
		err := s.ping(ctx)
		if err == nil {
			return nil
		}
		if s.process.HasEnded() || ctx.Err() != nil {
			return fmt.Errorf("the Redis server did not start: %w; its log says:\n%s", err, s.process.Log())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// ping opens a new connection and asks for an answer.
func (s *Server) ping(ctx context.Context) error {
	client := redis.NewClient(&redis.Options{Addr: s.address, Password: s.password, Protocol: 2, DialerRetries: 1, MaxRetries: -1})
	return errors.Join(client.Ping(ctx).Err(), client.Close())
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
