package httpapi

import (
	"context"
	"crypto/rand"
	"regexp"
	"time"

	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const headerRequestID = "X-Request-ID"

// unmatched is the route of requests that no route takes: in metrics and logs
// a path chosen by the client would be an unbounded label.
const unmatched = "unmatched"

// exchange is what is known about one request and its answer.
type exchange struct {
	id    string
	start time.Time
	// route is the pattern that took the request.
	route string
	// ctx ends when the request's time is over. It is not fasthttp's own
	// context, which ends for all requests when a shutdown begins.
	ctx    context.Context
	cancel context.CancelFunc
	// bearer is whether the client sent a token, which decides how a 401
	// challenges it (RFC 6750 section 3.1).
	bearer bool
	// principal is who acts, once authenticated.
	principal domain.Principal
	// client is where the request came from, in canonical form.
	client domain.Client
	// span is the request's, if it is traced.
	span trace.Span
}

type exchangeKey struct{}

// begin opens the exchange of a request.
func (s *Server) begin(fctx *fasthttp.RequestCtx) *exchange {
	x := &exchange{
		id:    requestID(fctx.Request.Header.Peek(headerRequestID)),
		start: time.Now(),
		route: unmatched,
		client: domain.Client{
			IP:        s.proxies.clientIP(fctx),
			UserAgent: string(fctx.UserAgent()), // copied: the buffer is reused
		}.Canonical(),
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.config.RequestTimeout)
	x.ctx, x.cancel = ports.WithRequestID(context.WithValue(ctx, exchangeKey{}, x), x.id), cancel
	if s.tracer != nil {
		s.startSpan(fctx, x)
	}
	fctx.SetUserValue(exchangeKey{}, x)
	return x
}

// exchangeOf returns the exchange that ctx belongs to; both a request's own
// context and fasthttp's carry it.
func exchangeOf(ctx context.Context) *exchange {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		// Only requests that could not be read have none.
		return &exchange{id: rand.Text(), start: time.Now(), route: unmatched, ctx: ctx}
	}
	return x
}

var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestID takes over the client's id if it is harmless in logs and headers.
func requestID(given []byte) string {
	if goodRequestID.Match(given) {
		return string(given)
	}
	return rand.Text()
}

// origin is what commands are told of where they come from. Sessions, limits,
// the audit log and the access log thus name the same address.
func (x *exchange) origin() ports.Origin {
	return ports.Origin{Client: x.client, RequestID: x.id}
}

// originOf returns the origin of the request that ctx belongs to.
func originOf(ctx context.Context) ports.Origin { return exchangeOf(ctx).origin() }
