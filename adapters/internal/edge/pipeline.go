package edge

import (
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// contentPolicy is the Content-Security-Policy of answers that set none: nothing
// in them may be run, loaded or framed.
const contentPolicy = "default-src 'none'; frame-ancestors 'none'"

// serve is the pipeline that every readable request passes.
func (e *Engine) serve(raw *fasthttp.RequestCtx) {
	e.metrics.inFlight.Inc()
	defer e.metrics.inFlight.Dec()
	x := e.begin(raw)
	defer x.cancel()
	method := string(raw.Method())
	e.answer(x, method)
	raw.Request.Header.SetMethod(method)
	took := time.Since(x.start)
	flooded := x.turnedAway && e.flood.hold(x)
	e.finish(x)
	if flooded {
		e.measure(x, method, took)
		e.flood.count(x.route, x.Status())
		return
	}
	e.observe(x, method)
}

// answer refuses what no route should see and routes the rest. It turns a panic
// into a refusal.
func (e *Engine) answer(x *Exchange, method string) {
	defer func() {
		if cause := recover(); cause != nil {
			e.log.ErrorContext(x.ctx, "panic", "request_id", x.id, "route", x.route, "cause", cause, "stack", string(debug.Stack()))
			x.raw.Response.Reset()
			e.config.Refuse(x, ErrPanicked)
		}
	}()
	if refusal := precheck(x.raw); refusal != nil {
		x.raw.SetConnectionClose()
		e.config.Refuse(x, refusal)
		return
	}
	e.takePrefix(x.raw)
	if len(e.cors.origins) > 0 && !e.isAsked(x.raw) && e.cors.handle(x.raw) {
		return
	}
	x.raw.Request.Header.SetMethod(routedMethod(method))
	e.router()(x.raw)
}

// takePrefix takes the prefix off the path that a request is routed by, if the API is
// below it. The path stays as the client spelled it: it is compared and cut before
// anything is decoded.
func (e *Engine) takePrefix(raw *fasthttp.RequestCtx) {
	if e.config.Prefix == "" {
		return
	}
	path := string(raw.URI().PathOriginal())
	if below := e.below(path); below != path {
		raw.URI().SetPath(below)
	}
}

// below returns a path without the prefix, if the API follows it. It returns any other
// path as it is, so that a path without the prefix is not cut once more: the prefix may be
// the beginning of the API's own path.
func (e *Engine) below(path string) string {
	below, found := strings.CutPrefix(path, e.config.Prefix)
	if found && (below == e.config.BasePath || strings.HasPrefix(below, e.config.BasePath+"/")) {
		return below
	}
	return path
}

// routedMethod returns the method that a request is routed by. HEAD is a GET whose
// body fasthttp leaves out (RFC 9110 section 9.3.2). Methods that Fiber doesn't
// know go by one that only routes of HandleAny have, so that they get the same 405 and
// Allow from all others.
func routedMethod(method string) string {
	if method == fiber.MethodHead {
		return fiber.MethodGet
	}
	if isKnown(method) {
		return method
	}
	return fiber.MethodTrace
}

func isKnown(method string) bool {
	for _, known := range fiber.DefaultMethods {
		if method == known {
			return true
		}
	}
	return false
}

// refuseUnreadable answers bytes that fasthttp could not read as a request, and routes
// that ignore bodies before they have arrived. The connection is closed after it,
// because the start of a next request is unknown.
func (e *Engine) refuseUnreadable(raw *fasthttp.RequestCtx, cause error) {
	refusal := unreadable(cause)
	if refusal == ErrBodyTooLarge && e.isAsked(raw) {
		linger(raw.Conn(), lingerIgnoredBytes)
		e.serve(raw)
		return
	}
	linger(raw.Conn(), lingerBytes)
	e.refuseEarly(raw, refusal)
}

// expect answers a client that waits for permission to send its body. It refuses
// at once if the body would be refused anyway.
func (e *Engine) expect(raw *fasthttp.RequestCtx) int {
	if raw.Request.Header.ContentLength() <= MaxBodyBytes {
		return fasthttp.StatusContinue
	}
	if e.isAsked(raw) {
		e.serve(raw)
		return raw.Response.StatusCode()
	}
	e.refuseEarly(raw, ErrBodyTooLarge)
	return ErrBodyTooLarge.Status
}

// refuseEarly answers a request that the pipeline never sees.
func (e *Engine) refuseEarly(raw *fasthttp.RequestCtx, refusal *Refusal) {
	x := e.begin(raw)
	defer x.cancel()
	e.config.Refuse(x, refusal)
	e.finish(x)
	e.observe(x, string(raw.Method()))
}

// The headers of all answers, as fasthttp keeps them.
var (
	nameRequestID     = []byte("X-Request-Id")
	nameTypeOptions   = []byte(fasthttp.HeaderXContentTypeOptions)
	nameReferrer      = []byte(fasthttp.HeaderReferrerPolicy)
	nameTransport     = []byte(fasthttp.HeaderStrictTransportSecurity)
	nameCacheControl  = []byte(fasthttp.HeaderCacheControl)
	nameContentPolicy = []byte(fasthttp.HeaderContentSecurityPolicy)

	valueNoSniff    = []byte("nosniff")
	valueNoReferrer = []byte("no-referrer")
	valueNoStore    = []byte("no-store")
	valueTransport  = []byte("max-age=31536000")
	valuePolicy     = []byte(contentPolicy)
)

// finish gives the answer the headers that all answers have.
func (e *Engine) finish(x *Exchange) {
	h := &x.raw.Response.Header
	h.SetCanonical(nameRequestID, []byte(x.id))
	h.SetCanonical(nameTypeOptions, valueNoSniff)
	h.SetCanonical(nameReferrer, valueNoReferrer)
	setDefault(h, nameCacheControl, valueNoStore)
	setDefault(h, nameContentPolicy, valuePolicy)
	if e.config.Secure { // not for subdomains: the service has one path of a host that others share
		h.SetCanonical(nameTransport, valueTransport)
	}
	if allow := h.Peek(fasthttp.HeaderAllow); len(allow) > 0 {
		h.Set(fasthttp.HeaderAllow, strings.Replace(string(allow), fiber.MethodGet, "GET, HEAD", 1))
	}
	if e.draining.Load() {
		x.raw.SetConnectionClose()
	}
}

func setDefault(h *fasthttp.ResponseHeader, name, value []byte) {
	if len(h.PeekBytes(name)) == 0 {
		h.SetCanonical(name, value)
	}
}

// measure counts the request, and ends its span. took is the time until the answer was ready.
func (e *Engine) measure(x *Exchange, method string, took time.Duration) {
	method = boundedMethod(method)
	e.metrics.observe(x.route, method, x.Status(), took)
	x.endSpan(method, x.Status())
}

// observe measures the request and writes the access log. It leaves out query strings,
// because a careless client may put a secret there.
func (e *Engine) observe(x *Exchange, method string) {
	took := time.Since(x.start)
	e.measure(x, method, took)
	status := x.Status()
	method = boundedMethod(method)
	level := slog.LevelInfo
	if !strings.HasPrefix(x.route, e.config.BasePath) && status < fasthttp.StatusBadRequest {
		level = slog.LevelDebug // probes and scrapes
	}
	attributes := []slog.Attr{
		slog.String("request_id", x.id),
		slog.String("method", method),
		slog.String("route", x.route),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("client_ip", x.clientIP),
	}
	if x.claimedID != "" {
		attributes = append(attributes, slog.String("client_request_id", x.claimedID))
	}
	e.log.LogAttrs(x.ctx, level, "request", attributes...)
}

// boundedMethod keeps clients from inventing values of a label.
func boundedMethod(method string) string {
	if isKnown(method) {
		return method
	}
	return "OTHER"
}
