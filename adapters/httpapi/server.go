package httpapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/adapters/internal/site"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DefaultRequestTimeout is how long the work on a request may take.
const DefaultRequestTimeout = 5 * time.Second

// DefaultProductName is the name of a service without one of its own.
const DefaultProductName = "Auth Service"

// Config is how the service is seen from outside.
type Config struct {
	// PublicURL is the base URL that clients use, such as
	// https://auth.example.com. With https, answers carry HSTS.
	PublicURL string
	// CORSAllowedOrigins are the origins whose pages may call the API from a
	// browser. The default allows none.
	CORSAllowedOrigins Origins
	// TrustedProxies are the proxies whose X-Forwarded-For counts. The default
	// trusts none.
	TrustedProxies Proxies
	// JWKS is the JWK set (RFC 7517) by which others verify access tokens. Nil
	// stands for a set without keys.
	JWKS []byte
	// RequestTimeout bounds the work on one request. Zero means
	// DefaultRequestTimeout.
	RequestTimeout time.Duration
	// PasswordMinLength is the length that pages ask of a new password, in code
	// points. Zero means domain.DefaultPasswordMinLength.
	PasswordMinLength int
	// ProductName is the name that pages show. Empty means DefaultProductName.
	ProductName string
	// PasswordChangeURL is the page of the application where users change their
	// password. Empty means the page of the service that asks for a reset.
	PasswordChangeURL string
	// Claims are the further claims of users, which forward-auth names in headers.
	Claims domain.ClaimMap
	// Mailbox serves caught mails to requests that carry MailboxKey. Nil disables it.
	Mailbox    ports.Mailbox
	MailboxKey domain.Secret
	// Checks decide whether the service is ready.
	Checks []Check
	// Collectors are shown at /metrics besides requests and readiness.
	Collectors []prometheus.Collector
	// Tracing makes a span for each request but probes and scrapes. Nil disables it.
	Tracing trace.TracerProvider
	// Logger gets a line per request and each internal error once. Nil means slog's
	// default.
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
	if config.ProductName == "" {
		config.ProductName = DefaultProductName
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	return config
}

// Server is the HTTP side of the service.
type Server struct {
	config   Config
	useCases ports.UseCases
	log      *slog.Logger
	public   *url.URL

	engine   *edge.Engine
	api      huma.API
	document func() ([]byte, error)
}

// New builds the server, which listens to nothing yet. Errors: an invalid PublicURL
// or PasswordChangeURL, a mailbox without a key, or collectors that contradict each other.
func New(config Config, useCases ports.UseCases) (*Server, error) {
	public, err := site.ParseBase(config.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("httpapi: PublicURL %w", err)
	}
	if config.PasswordChangeURL != "" {
		if err := CheckPasswordChangeURL(config.PasswordChangeURL); err != nil {
			return nil, fmt.Errorf("httpapi: PasswordChangeURL %w", err)
		}
	}
	if config.Mailbox != nil && config.MailboxKey.IsEmpty() {
		return nil, errors.New("httpapi: a mailbox needs a key")
	}
	config = config.withDefaults()
	s := &Server{config: config, useCases: useCases, log: config.Logger, public: public}
	if s.engine, err = s.newEngine(); err != nil {
		return nil, err
	}
	s.document = sync.OnceValues(s.renderDocument)
	if err := s.route(); err != nil {
		return nil, err
	}
	return s, nil
}
