package authtest

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/ports"
)

// Service is a running service. It stops when its test ends.
type Service struct {
	// URL is the base of the service's addresses, such as
	// http://127.0.0.1:41234, without a trailing slash.
	URL string
	// UseCases are the service's use cases, to call in-process.
	UseCases ports.UseCases
	// Clock is the service's clock. It begins at the present time, or as StartAt says,
	// and stands still until the test moves it. It is nil if WithClock gave another
	// kind of clock.
	Clock *memory.Clock
	// Queue holds the mails that are not delivered yet. Pause it to keep mails, and
	// deliver them with RunAll.
	Queue *memory.Queue
	// Faults makes the stores fail.
	Faults *Faults

	mailer *memory.Mailer
	server *httpapi.Server
}

// New starts a service and stops it when the test ends. A service that does not
// start fails the test.
func New(t testing.TB, options ...Option) *Service {
	t.Helper()
	c, err := newComposition(options)
	if err != nil {
		t.Fatalf("authtest: making the adapters: %v", err)
	}
	s := &Service{UseCases: c.UseCases(c.settings), Clock: c.Clock, Queue: c.Queue, Faults: c.faults, mailer: c.Mailer}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("authtest: listening on loopback: %v", err)
	}
	s.URL = "http://" + listener.Addr().String()
	s.server, err = httpapi.New(httpapi.Config{
		PublicURL:         s.URL,
		PasswordMinLength: c.settings.PasswordPolicy.MinLength,
		JWKS:              publicKeys(c.Ports.Signer),
		Claims:            c.settings.AccessTokenClaims,
		Checks:            []httpapi.Check{{Name: "store", Check: reachable(c.Ports.Store)}},
		Logger:            c.logger,
	}, s.UseCases)
	if err != nil {
		t.Fatalf("authtest: making the HTTP side: %v", err)
	}
	s.Queue.Deliver(s.UseCases.DeliverMail)
	s.serve(t, listener)
	return s
}

// publicKeys returns the key set of a signer that has one, such as that of
// adapters/tokens; nil for any other.
func publicKeys(signer ports.TokenSigner) []byte {
	if s, ok := signer.(interface{ JWKS() []byte }); ok {
		return s.JWKS()
	}
	return nil
}

// reachable returns a check that fails if no unit of work can begin.
func reachable(work ports.UnitOfWork) func(context.Context) error {
	return func(ctx context.Context) error {
		return work.Do(ctx, func(context.Context, ports.Repositories) error { return nil })
	}
}

// serve answers requests until the test ends.
func (s *Service) serve(t testing.TB, listener net.Listener) {
	done := make(chan error, 1)
	go func() { done <- s.server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.server.Shutdown(ctx); err != nil {
			t.Errorf("authtest: stopping the service: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("authtest: serving: %v", err)
		}
	})
}

// Client returns an HTTP client that reaches the service without a network, for
// any host name.
func (s *Service) Client() *http.Client { return s.server.Client() }
