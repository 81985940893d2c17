package httpapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/adapters/internal/site"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Check is one thing that the service cannot work without.
type Check = edge.Check

// Readiness is the content of /readyz.
type Readiness = edge.Readiness

// Listen listens on a TCP address, given as host:port, for Serve. Errors: those of
// net.ListenConfig.Listen.
func Listen(ctx context.Context, addr string) (net.Listener, error) { return edge.Listen(ctx, addr) }

// Origins are origins whose pages may call the API. The zero value allows none.
type Origins = edge.Origins

// ParseOrigins reads origins such as https://app.example.com. Errors: an entry that is
// not an origin, in a text for the operator.
func ParseOrigins(entries []string) (Origins, error) { return edge.ParseOrigins(entries) }

// Proxies are the ranges of the proxies whose X-Forwarded-For counts. The zero value
// trusts none.
type Proxies = edge.Proxies

// ParseProxies reads the addresses and the ranges in CIDR form of the proxies in front
// of the service. Errors: an entry that is no range, or a range of all addresses, in a
// text for the operator.
func ParseProxies(entries []string) (Proxies, error) { return edge.ParseProxies(entries) }

// IsLoopback reports whether a host, without a port, is this machine by a name
// that no other machine can have: localhost or a loopback address.
func IsLoopback(host string) bool { return site.IsLoopback(host) }

// CheckPasswordChangeURL checks the address of a page of the application's own where a
// password can be changed. Errors: a text for the operator that completes a sentence which
// begins with the name of the setting.
func CheckPasswordChangeURL(value string) error {
	u, err := site.ParseURL(value)
	switch {
	case err != nil:
		return err
	case u.Path == site.ChangePasswordPath:
		return errors.New("must not be the address that leads to it (" + site.ChangePasswordPath + ")")
	}
	return nil
}

// The paths that a person opens, below the public URL.
const (
	BasePath    = site.BasePath
	DocsPage    = site.DocsPage
	MailboxPage = site.MailboxPage
)

// secure reports whether clients reach the service over TLS.
func (s *Server) secure() bool { return s.public.Scheme == "https" }

// prefix returns the path of the public URL, without a slash at its end.
func (s *Server) prefix() string { return strings.TrimRight(s.public.EscapedPath(), "/") }

// newEngine builds the HTTP engine that serves the API.
func (s *Server) newEngine() (*edge.Engine, error) {
	return edge.New(edge.Config{
		Namespace: "auth",
		Secure:    s.secure(),
		BasePath:  BasePath,
		Prefix:    s.prefix(),
		CORS: edge.CORS{
			Origins:         s.config.CORSAllowedOrigins,
			Methods:         []string{"GET", "HEAD", "POST", "PATCH", "DELETE"},
			RequestHeaders:  []string{headerAuthorization, headerContentType},
			GatewayHeaders:  []string{"forwarded", "x-forwarded-", "x-real-ip", "x-auth-"},
			ResponseHeaders: []string{headerRetryAfter, headerRateLimit, headerRateLimitPolicy, headerAuthenticate},
		},
		Proxies:        s.config.TrustedProxies,
		RequestTimeout: s.config.RequestTimeout,
		Refuse:         s.refuseForEngine,
		Correlate:      ports.WithRequestID,
		Checks:         s.config.Checks,
		Collectors:     s.config.Collectors,
		Tracer:         tracerOf(s.config.Tracing),
		Logger:         s.log,
	})
}

// tracerOf returns the tracer of a provider, and nil without one.
func tracerOf(provider trace.TracerProvider) trace.Tracer {
	if provider == nil {
		return nil
	}
	return provider.Tracer("github.com/seed543b3b27/auth-service/adapters/httpapi")
}

// engineProblems are the problems that clients get for the engine's refusals.
var engineProblems = map[*edge.Refusal]*problem{
	edge.ErrMalformed:        problemOf(domain.ErrMalformedRequest),
	edge.ErrNotFound:         problemOf(domain.ErrNotFound),
	edge.ErrMethodNotAllowed: problemOf(domain.ErrMethodNotAllowed),
	edge.ErrRequestTimeout:   problemOf(domain.ErrRequestTimeout),
	edge.ErrBodyTooLarge:     problemOf(domain.ErrBodyTooLarge),
	edge.ErrURITooLong:       problemOf(domain.ErrURITooLong),
	edge.ErrExpectation:      problemOf(domain.ErrExpectationFailed),
	edge.ErrHeadersTooLarge:  problemOf(domain.ErrHeadersTooLarge),
	edge.ErrHTTPVersion:      problemOf(domain.ErrHTTPVersion),
	edge.ErrPanicked:         problemOf(domain.ErrInternal),
}

// refuseForEngine answers a request that the engine refuses. The engine has logged
// its own refusals where they need it.
func (s *Server) refuseForEngine(x *edge.Exchange, err error) {
	var refusal *edge.Refusal
	if path, _, _ := strings.Cut(x.Target(), "?"); errors.Is(err, edge.ErrNotFound) &&
		(strings.TrimSuffix(path, "/") == BasePath || strings.TrimSuffix(path, "/") == s.prefix()+BasePath) {
		s.refuse(x, s.lost())
		return
	}
	if errors.As(err, &refusal) {
		s.write(x, engineProblems[refusal].forRequest(x))
		return
	}
	s.refuse(x, err)
}

// Serve answers requests from the listener until Shutdown is called. It may be
// called for several listeners. Errors: those of the listener.
func (s *Server) Serve(ln net.Listener) error { return s.engine.Serve(ln) }

// Drain makes /readyz answer 503 and ends connections after their next answer,
// so that gateways turn to other replicas. Requests are still answered.
func (s *Server) Drain() { s.engine.Drain() }

// Shutdown drains, closes listeners and idle connections, and waits for the
// requests in flight. Errors: the context's, if it ends first.
func (s *Server) Shutdown(ctx context.Context) error { return s.engine.Shutdown(ctx) }

// Client returns a client whose requests reach this server in-process, whatever
// host their URL names. It follows no redirects. It works until Shutdown.
func (s *Server) Client() *http.Client { return s.engine.Client() }

// Readiness returns the content of /readyz at this moment.
func (s *Server) Readiness() Readiness { return s.engine.Readiness() }
