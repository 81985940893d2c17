package edge

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
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
	// Secure reports whether clients use https. Then answers carry HSTS.
	Secure bool
	// BasePath is the path of the API, without a slash at its end. CORS is for
	// paths below it, and requests for other paths are logged at debug level.
	BasePath string
	// Prefix is a path, without a slash at its end, below which gateways show the API.
	// Requests for BasePath below it are served whether or not a gateway takes it off.
	// Probes and metrics are not. The default is none.
	Prefix string
	// CORS admits pages of other origins. The default admits none.
	CORS CORS
	// Proxies are the proxies whose X-Forwarded-For counts. The default trusts none.
	Proxies Proxies
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
	cors      cors
	metrics   *metrics
	requestID attribute.Key // of the span attribute

	app    *fiber.App
	router func() fasthttp.RequestHandler
	// asked are the patterns of HandleAny.
	asked []string
	http  *fasthttp.Server

	client    func() *http.Client
	draining  atomic.Bool
	flood     *flood
	verdicts  verdicts
	listeners listeners
}

// New builds an engine that serves probes and metrics. Errors: collectors that
// contradict each other.
func New(config Config) (*Engine, error) {
	e := &Engine{
		config:    config,
		log:       config.Logger,
		cors:      newCORS(config.CORS, config.BasePath),
		requestID: attribute.Key(config.Namespace + ".request_id"),
		flood:     newFlood(config.Logger),
	}
	var err error
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

// Handle adds a route. The pattern names parameters in braces, as in
// /things/{id}, and is the route's name in metrics, logs and spans.
func (e *Engine) Handle(method, pattern string, handle func(*Exchange)) {
	e.add(method, pattern, pattern, handle)
}

// add adds a route of a name.
func (e *Engine) add(method, pattern, name string, handle func(*Exchange)) {
	path := strings.NewReplacer("{", ":", "}", "").Replace(pattern)
	e.app.Add(method, path, func(c *fiber.Ctx) error {
		x := exchangeIn(c.Context())
		x.route, x.routed = name, c
		handle(x)
		return nil
	})
}

// HandleAny adds a route for every method, those that HTTP does not name included. It is
// for gateways, which ask with the method of their client and some with its body. Bodies
// are ignored, whatever their size. Preflights are requests like others. A pattern that
// ends with /* is for all paths below it, and its name is the path above them.
func (e *Engine) HandleAny(pattern string, handle func(*Exchange)) {
	e.asked = append(e.asked, pattern)
	for _, method := range fiber.DefaultMethods {
		if method != fiber.MethodHead { // routed as GET
			e.add(method, pattern, strings.TrimSuffix(pattern, "/*"), handle)
		}
	}
}

// isAsked reports whether a request is for a route of HandleAny.
func (e *Engine) isAsked(raw *fasthttp.RequestCtx) bool {
	path := e.below(string(raw.URI().PathOriginal()))
	return slices.ContainsFunc(e.asked, func(pattern string) bool {
		above, all := strings.CutSuffix(pattern, "*")
		return path == pattern || all && strings.HasPrefix(path, above)
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
