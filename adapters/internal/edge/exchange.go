package edge

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/trace"
)

// HeaderRequestID carries the id of a request, in both directions.
const HeaderRequestID = "X-Request-ID"

// unmatched is the route of requests that no route takes. In metrics and logs a
// path that the client chose would be an unbounded label.
const unmatched = "unmatched"

// Exchange is one request and its answer. It is valid until the handler returns
// and serves one goroutine at a time.
type Exchange struct {
	id string
	// claimedID is the id that an untrusted client gave; empty if it gave none that is
	// harmless.
	claimedID string
	start     time.Time
	// route is the pattern that took the request.
	route string
	// ctx ends when the request's time is over. It is not fasthttp's own
	// context, which ends for all requests when a shutdown begins.
	ctx      context.Context
	cancel   context.CancelFunc
	clientIP string
	// attached belongs to the adapter whose route took the request.
	attached any
	// turnedAway is true if the request was refused for load.
	turnedAway bool
	// span is nil for requests that are not traced.
	span trace.Span

	raw    *fasthttp.RequestCtx
	routed *fiber.Ctx
}

type exchangeKey struct{}

// begin opens the exchange of a request.
func (e *Engine) begin(raw *fasthttp.RequestCtx) *Exchange {
	x := &Exchange{
		start:    time.Now(),
		route:    unmatched,
		clientIP: e.config.Proxies.clientIP(raw),
		raw:      raw,
	}
	x.id, x.claimedID = e.config.Proxies.requestIDs(raw)
	ctx, cancel := context.WithTimeout(context.Background(), e.config.RequestTimeout)
	x.ctx, x.cancel = e.config.Correlate(context.WithValue(ctx, exchangeKey{}, x), x.id), cancel
	if e.config.Tracer != nil {
		e.startSpan(x)
	}
	raw.SetUserValue(exchangeKey{}, x)
	return x
}

// exchangeIn returns the exchange that begin opened for a request.
func exchangeIn(raw *fasthttp.RequestCtx) *Exchange { return ExchangeOf(raw) }

// ExchangeOf returns the exchange whose Context ctx is or comes from. It panics
// with any other context.
func ExchangeOf(ctx context.Context) *Exchange {
	x, ok := LookUpExchange(ctx)
	if !ok {
		panic("edge: the context belongs to no exchange")
	}
	return x
}

// LookUpExchange returns the exchange whose Context ctx is or comes from. ok is
// false for any other context.
func LookUpExchange(ctx context.Context) (x *Exchange, ok bool) {
	x, ok = ctx.Value(exchangeKey{}).(*Exchange)
	return x, ok
}

// maxRequestID is the length of the longest id that is taken over, in bytes.
const maxRequestID = 64

// isGoodRequestID reports whether an id is harmless in logs and headers: letters, digits,
// dots, underscores and hyphens.
func isGoodRequestID(id []byte) bool {
	if len(id) == 0 || len(id) > maxRequestID {
		return false
	}
	for _, c := range id {
		if !isNameCharacter(c) {
			return false
		}
	}
	return true
}

// isNameCharacter reports whether c is an ASCII letter, a digit, a dot, an underscore or a
// hyphen.
func isNameCharacter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
}

// requestIDs returns the id of a request, and the one that an untrusted client claims.
// A trusted proxy and a caller in the same process choose the id, if it is harmless in
// logs and headers. Any other peer could give its requests the ids of other requests, so
// its id only stands beside a random one.
func (p Proxies) requestIDs(raw *fasthttp.RequestCtx) (id, claimed string) {
	given := raw.Request.Header.Peek(HeaderRequestID)
	if !isGoodRequestID(given) {
		return rand.Text(), ""
	}
	if peer, remote := peerOf(raw); remote && !p.trust(peer) {
		return rand.Text(), string(given)
	}
	return string(given), ""
}

// ID returns the request id: the one of a trusted proxy if it is harmless, else a random
// one.
func (x *Exchange) ID() string { return x.id }

// Route returns the pattern of the route that took the request.
func (x *Exchange) Route() string { return x.route }

// Context returns the context of the work on the request. It ends when the
// request's time is over.
func (x *Exchange) Context() context.Context { return x.ctx }

// ClientIP returns the address that the request came from, in its one spelling:
// no zone and no IPv4 inside IPv6. It is empty for a caller in the same process.
func (x *Exchange) ClientIP() string { return x.clientIP }

// Attach keeps a value of the adapter until the answer is out.
func (x *Exchange) Attach(v any) { x.attached = v }

// Attached returns the value that was attached last, else nil.
func (x *Exchange) Attached() any { return x.attached }
