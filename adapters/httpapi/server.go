package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Limits of a request, in bytes and seconds. Whatever is larger is refused
// before it is read to its end.
const (
	// DefaultRequestTimeout is how long a request may take in all.
	DefaultRequestTimeout = 5 * time.Second

	maxBodyBytes   = 64 << 10
	maxURIBytes    = 8 << 10
	maxHeaderBytes = 24 << 10
	readTimeout    = 10 * time.Second
	writeTimeout   = 15 * time.Second
	// idleTimeout is longer than the minute for which common gateways keep a
	// connection, so that it is they who close it.
	idleTimeout = 75 * time.Second
)

// Config says how the service is seen from outside.
type Config struct {
	// PublicURL is the base URL that clients use, such as
	// https://auth.example.com. With https, answers carry HSTS.
	PublicURL string
	// CORSAllowedOrigins are the origins whose pages may call the API from a
	// browser, compared exactly. None by default.
	CORSAllowedOrigins []string
	// TrustedProxies are the ranges of the proxies whose X-Forwarded-For is
	// believed, as ParseTrustedProxies returns them. None by default.
	TrustedProxies []netip.Prefix
	// JWKS is the JWK set (RFC 7517) by which others verify access tokens; nil
	// for a set without keys.
	JWKS []byte
	// RequestTimeout bounds the work on one request; zero means
	// DefaultRequestTimeout.
	RequestTimeout time.Duration
	// PasswordMinLength is told to people choosing a password, in code points;
	// zero means domain.DefaultPasswordMinLength.
	PasswordMinLength int
	// Mailbox shows caught mails to who knows MailboxKey; nil for none.
	Mailbox    ports.Mailbox
	MailboxKey domain.Secret
	// Checks decide whether the service is ready.
	Checks []Check
	// Collectors have what is shown at /metrics besides requests and readiness.
	Collectors []prometheus.Collector
	// Tracing makes a span for each request but probes and scrapes; nil for none.
	Tracing trace.TracerProvider
	// Logger gets a line per request and each internal error once; nil for
	// slog's default.
	Logger *slog.Logger
}

func (config Config) withDefaults() Config {
	if config.JWKS == nil {
		config.JWKS = []byte(`{"keys":[]}`)
	}
	if config.RequestTimeout == 0 {
		config.RequestTimeout = DefaultRequestTimeout
	}
	if config.PasswordMinLength == 0 {
		config.PasswordMinLength = domain.DefaultPasswordMinLength
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	return config
}

// Check is one thing the service cannot work without.
type Check struct {
	// Name is shown in the answer of /readyz.
	Name string
	// Check returns why the thing is not usable. The error is logged when it is
	// new, and never shown. Check is called for every probe, so it answers at
	// once: what takes time is looked at in the background.
	Check func(ctx context.Context) error
}

// Server is the HTTP side of the service.
type Server struct {
	config   Config
	useCases ports.UseCases
	log      *slog.Logger
	host     string
	secure   bool
	cors     cors
	proxies  proxies
	metrics  *metrics
	tracer   trace.Tracer // nil if nothing is traced

	app    *fiber.App
	api    huma.API
	router fasthttp.RequestHandler
	http   *fasthttp.Server

	document func() ([]byte, error)
	client   func() *http.Client
	draining atomic.Bool
	verdicts verdicts

	listeners listeners
}

// New builds the server; nothing listens yet. Errors: a PublicURL, an origin
// or a range of proxies that is not one, a mailbox without a key, or collectors
// that do not go together.
func New(config Config, useCases ports.UseCases) (*Server, error) {
	public, err := url.Parse(config.PublicURL)
	if err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" {
		return nil, errors.New("httpapi: PublicURL must be an absolute http or https URL")
	}
	if config.Mailbox != nil && config.MailboxKey.IsEmpty() {
		return nil, errors.New("httpapi: a mailbox needs a key")
	}
	allowed, err := newCORS(config.CORSAllowedOrigins)
	if err != nil {
		return nil, err
	}
	trusted, err := newProxies(config.TrustedProxies)
	if err != nil {
		return nil, err
	}
	config = config.withDefaults()
	s := &Server{
		config:   config,
		useCases: useCases,
		log:      config.Logger,
		host:     public.Host,
		secure:   public.Scheme == "https",
		cors:     allowed,
		proxies:  trusted,
		tracer:   tracerOf(config.Tracing),
	}
	if s.metrics, err = newMetrics(s.Readiness, config.Collectors); err != nil {
		return nil, err
	}
	s.document = sync.OnceValues(s.renderDocument)
	s.client = sync.OnceValue(s.startClient)
	if err := s.route(); err != nil {
		return nil, err
	}
	s.http = &fasthttp.Server{
		Handler:                      s.serve,
		ErrorHandler:                 s.refuseUnreadable,
		ExpectHandler:                s.expect,
		Logger:                       connectionLog{s.log},
		ReadBufferSize:               maxHeaderBytes,
		MaxRequestBodySize:           maxBodyBytes,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		ReduceMemoryUsage:            true, // idle connections hold no buffers
		CloseOnShutdown:              true,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		DisablePreParseMultipartForm: true,
		SecureErrorLogMessage:        true,
	}
	return s, nil
}

// Serve answers requests from the listener until Shutdown is called; it may be
// called for several listeners. Errors: those of the listener.
func (s *Server) Serve(ln net.Listener) error {
	if !s.listeners.add(ln) {
		return nil
	}
	if err := s.http.Serve(lingeringListener{ln}); err != nil && !s.listeners.isClosed() {
		return fmt.Errorf("serving HTTP: %w", err)
	}
	return nil
}

// Drain makes /readyz answer 503 and ends connections after their next answer,
// so that gateways turn to other replicas. Requests are still answered.
func (s *Server) Drain() { s.draining.Store(true) }

// Shutdown drains, closes listeners and idle connections, and waits for the
// requests in flight. Errors: the context's, if it ends before they do.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Drain()
	s.listeners.quieten(ctx)
	err := s.http.ShutdownWithContext(ctx)
	s.listeners.close()
	if err != nil {
		return fmt.Errorf("shutting down the HTTP server: %w", err)
	}
	return nil
}

// Client returns a client whose requests reach this server in-process, whatever
// host their URL names. It follows no redirects. It works until Shutdown.
func (s *Server) Client() *http.Client { return s.client() }

func (s *Server) startClient() *http.Client {
	ln := fasthttputil.NewInmemoryListener()
	go func() {
		if err := s.Serve(ln); err != nil {
			s.log.Error("the in-process listener failed", "error", err)
		}
	}()
	// Once a first connection is accepted, Shutdown knows of the listener.
	if conn, err := ln.Dial(); err == nil {
		_ = conn.Close()
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:        func(context.Context, string, string) (net.Conn, error) { return ln.Dial() },
			DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// connectionLog passes what fasthttp has to say about connections to slog.
// Clients cause most of it, so it is of the lowest level.
type connectionLog struct{ log *slog.Logger }

// Printf is how fasthttp logs.
func (l connectionLog) Printf(format string, args ...any) {
	l.log.Debug("connection", "message", fmt.Sprintf(format, args...))
}
