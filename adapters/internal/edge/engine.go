package edge

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Limits of a request. A larger one is refused before it is read to its end.
const (
	// MaxBodyBytes is the size of the largest body, in bytes.
	MaxBodyBytes = 64 << 10
	// MaxURIBytes is the length of the longest request target, in bytes.
	MaxURIBytes = 8 << 10
	// MaxHeaderBytes is the size of the largest request line with its headers, in bytes.
	MaxHeaderBytes = 24 << 10

	readTimeout  = 10 * time.Second
	writeTimeout = 15 * time.Second
	// idleTimeout is longer than the minute for which common gateways keep a
	// connection. So the gateway closes it, and not the server under a request.
	idleTimeout = 75 * time.Second
)

// Config is how the engine is seen from outside and what it asks of the adapters.
// Fields are required unless their comment names a default.
type Config struct {
	// Namespace begins the names of metrics and of span attributes.
	Namespace string
	// PublicURL is the base URL that clients use. With https, answers carry HSTS.
	PublicURL string
	// BasePath is the path of the API, without a slash at its end. CORS is for
	// paths below it, and requests for other paths are logged at debug level.
	BasePath string
	// CORS admits pages of other origins. The default admits none.
	CORS CORS
	// TrustedProxies are the ranges of the proxies whose X-Forwarded-For counts,
	// as ParseTrustedProxies returns them. The default is none.
	TrustedProxies []netip.Prefix
	// RequestTimeout ends the context of a request.
	RequestTimeout time.Duration
	// Refuse writes the answer to a request that is refused with the error: a
	// Refusal of the engine, or an error that is not expected.
	Refuse func(x *Exchange, err error)
	// Correlate puts the id of a request into its context.
	Correlate func(ctx context.Context, requestID string) context.Context
	// Checks decide whether the service is ready. The default is none.
	Checks []Check
	// Collectors are shown at /metrics besides requests and readiness.
	Collectors []prometheus.Collector
	// Tracer makes a span for each request but probes and scrapes. Nil makes none.
	Tracer trace.Tracer
	// Logger gets a line per request, and each panic once.
	Logger *slog.Logger
}

// Engine serves HTTP. Routes are added before it serves.
type Engine struct {
	config    Config
	log       *slog.Logger
	secure    bool
	cors      cors
	proxies   proxies
	metrics   *metrics
	requestID attribute.Key // of the span attribute

	app    *fiber.App
	router func() fasthttp.RequestHandler
	http   *fasthttp.Server

	client    func() *http.Client
	draining  atomic.Bool
	verdicts  verdicts
	listeners listeners
}

// New builds an engine that serves probes and metrics. Errors: an invalid
// PublicURL, origin or range of proxies, or collectors that contradict each other.
func New(config Config) (*Engine, error) {
	public, err := url.Parse(config.PublicURL)
	if err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" {
		return nil, errors.New("edge: PublicURL must be an absolute http or https URL")
	}
	allowed, err := newCORS(config.CORS, config.BasePath)
	if err != nil {
		return nil, err
	}
	trusted, err := newProxies(config.TrustedProxies)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		config:    config,
		log:       config.Logger,
		secure:    public.Scheme == "https",
		cors:      allowed,
		proxies:   trusted,
		requestID: attribute.Key(config.Namespace + ".request_id"),
	}
	if e.metrics, err = newMetrics(config.Namespace, e.Readiness, config.Collectors); err != nil {
		return nil, err
	}
	e.app = e.newRouter()
	e.router = sync.OnceValue(e.app.Handler)
	e.http = e.newServer()
	e.client = sync.OnceValue(e.startClient)
	e.addProbes()
	return e, nil
}

// Secure reports whether clients reach the service over TLS.
func (e *Engine) Secure() bool { return e.secure }

// Handle adds a route. The pattern names parameters in braces, as in
// /things/{id}, and is the route's name in metrics, logs and spans.
func (e *Engine) Handle(method, pattern string, handle func(*Exchange)) {
	path := strings.NewReplacer("{", ":", "}", "").Replace(pattern)
	e.app.Add(method, path, func(c *fiber.Ctx) error {
		x := exchangeIn(c.Context())
		x.route, x.routed = pattern, c
		handle(x)
		return nil
	})
}

// Get adds a route for GET, which HEAD takes too.
func (e *Engine) Get(pattern string, handle func(*Exchange)) {
	e.Handle(http.MethodGet, pattern, handle)
}

func (e *Engine) newRouter() *fiber.App {
	return fiber.New(fiber.Config{
		// One address has one spelling.
		StrictRouting: true,
		CaseSensitive: true,
		// Parameters are copied. Otherwise they would change when their buffer
		// serves the next request.
		Immutable: true,
		// The TCP peer alone decides which peer it is.
		EnableTrustedProxyCheck: true,
		ErrorHandler:            e.routingFailed,
		DisableStartupMessage:   true,
	})
}

// routingFailed answers a request that no route takes. Fiber has set Allow for a 405.
func (e *Engine) routingFailed(c *fiber.Ctx, err error) error {
	var refusal *fiber.Error
	if errors.As(err, &refusal) {
		switch refusal.Code {
		case http.StatusNotFound:
			err = ErrNotFound
		case http.StatusMethodNotAllowed:
			err = ErrMethodNotAllowed
		}
	}
	e.config.Refuse(exchangeIn(c.Context()), err)
	return nil
}
