package mailpit

import (
	"context"
	"crypto/sha1" //nolint:gosec // the form of htpasswd
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/guard"
)

// startTries is the number of attempts to start, because another program may take
// a free port first.
const startTries = 5

// Server is a running mailpit.
type Server struct {
	// SMTPHost and SMTPPort are the address for mails.
	SMTPHost string
	SMTPPort int
	// CAFile is the certificate to trust; empty without TLS.
	CAFile string

	api string
}

// Option changes how a server runs.
type Option func(t testing.TB, folder string, s *Server) (arguments []string)

// WithSTARTTLS requires STARTTLS. CAFile holds the certificate for SMTPHost.
func WithSTARTTLS() Option { return withTLS("--smtp-require-starttls") }

// WithImplicitTLS uses TLS from the first byte. CAFile holds the certificate for
// SMTPHost.
func WithImplicitTLS() Option { return withTLS("--smtp-require-tls") }

func withTLS(mode string) Option {
	return func(t testing.TB, folder string, s *Server) []string {
		t.Helper()
		certificate, key := selfSigned(t, folder, s.SMTPHost)
		s.CAFile = certificate
		return []string{mode, "--smtp-tls-cert", certificate, "--smtp-tls-key", key}
	}
}

// WithLogin requires a login. Without one of the TLS options the server accepts
// it in clear text.
func WithLogin(username, password string) Option {
	return func(t testing.TB, folder string, _ *Server) []string {
		t.Helper()
		file := filepath.Join(folder, "logins")
		// The form of htpasswd that accepts every password.
		sum := sha1.Sum([]byte(password)) //nolint:gosec // the htpasswd file of a test server
		line := username + ":{SHA}" + base64.StdEncoding.EncodeToString(sum[:]) + "\n"
		if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"--smtp-auth-file", file}
	}
}

// Start runs a server until the test ends. If it cannot be started, the test
// fails with the reason.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	s := &Server{SMTPHost: "127.0.0.1"}
	var arguments []string
	for _, option := range options {
		arguments = append(arguments, option(t, folder, s)...)
	}
	if s.CAFile == "" {
		arguments = append(arguments, "--smtp-auth-allow-insecure")
	}
	for try := range startTries {
		err = s.run(t, program, folder, arguments)
		if err == nil {
			return s
		}
		t.Logf("mailpit: start %d: %v", try+1, err)
	}
	t.Fatalf("mailpit does not start: %v", err)
	return nil
}

// run starts the program on free ports and waits until it answers.
func (s *Server) run(t testing.TB, program, folder string, arguments []string) error {
	t.Helper()
	smtp, err := freePort()
	if err != nil {
		return err
	}
	web, err := freePort()
	if err != nil {
		return err
	}
	s.SMTPPort, s.api = smtp, "http://"+net.JoinHostPort(s.SMTPHost, strconv.Itoa(web))
	command := exec.Command(program, append([]string{
		"--smtp", net.JoinHostPort(s.SMTPHost, strconv.Itoa(smtp)), "--listen", net.JoinHostPort(s.SMTPHost, strconv.Itoa(web)),
		"--database", filepath.Join(folder, "mails.db"), "--max", "0", "--disable-version-check", "--smtp-disable-rdns",
	}, arguments...)...)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + folder} // without the caller's MP_* variables
	process, err := guard.Start(command, folder)
	if err != nil {
		return err
	}
	if err := s.awaitReady(t.Context(), process.Ended()); err != nil {
		return fmt.Errorf("%w\n%s", errors.Join(err, process.Close()), process.Log())
	}
	t.Cleanup(func() { assert.NoError(t, process.Close()) })
	return nil
}

// awaitReady waits until both interfaces answer.
func (s *Server) awaitReady(ctx context.Context, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		// Not /readyz: another program of a test may have taken the port meanwhile, and
		// the service has that path as well.
		_, err := s.get(ctx, "/api/v1/info")
		if err == nil {
			var conn net.Conn
			conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(s.SMTPHost, strconv.Itoa(s.SMTPPort)))
			if err == nil {
				return conn.Close()
			}
		}
		select {
		case <-exited:
			return errors.New("the server has ended")
		case <-ctx.Done():
			return fmt.Errorf("waiting for an answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// get reads from the server's HTTP interface.
func (s *Server) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.api+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Close = true // leaves no idle connection behind for leak checks
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("mailpit: GET %s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.Join(errors.New("a TCP listener without a port"), listener.Close())
	}
	return address.Port, listener.Close()
}
