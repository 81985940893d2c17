package httpapi

import (
	"errors"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// contentPolicy is the Content-Security-Policy of every answer that is not a
// page: nothing in it may be run, loaded or framed.
const contentPolicy = "default-src 'none'; frame-ancestors 'none'"

// serve is the pipeline every readable request passes.
func (s *Server) serve(fctx *fasthttp.RequestCtx) {
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	x := s.begin(fctx)
	defer x.cancel()
	method := string(fctx.Method())
	s.answer(fctx, x, method)
	fctx.Request.Header.SetMethod(method)
	s.finish(fctx, x)
	s.observe(fctx, x, method)
}

// answer refuses what no route should see and routes the rest. A panic is an
// internal error like any other.
func (s *Server) answer(fctx *fasthttp.RequestCtx, x *exchange, method string) {
	defer func() {
		if cause := recover(); cause != nil {
			s.log.ErrorContext(x.ctx, "panic", "request_id", x.id, "route", x.route, "cause", cause, "stack", string(debug.Stack()))
			fctx.Response.Reset()
			s.write(fctx, errInternal.forRequest(x))
		}
	}()
	if p := precheck(fctx); p != nil {
		fctx.SetConnectionClose()
		s.refuse(fctx, p)
		return
	}
	if s.cors.handle(fctx) {
		return
	}
	fctx.Request.Header.SetMethod(routedMethod(method))
	s.router(fctx)
}

// routedMethod is the method a request is routed by. HEAD is a GET whose body
// fasthttp leaves out (RFC 9110 section 9.3.2). Methods Fiber doesn't know go
// by one that no route has, so that they get the same 405 and Allow as others.
func routedMethod(method string) string {
	if method == fiber.MethodHead {
		return fiber.MethodGet
	}
	for _, known := range fiber.DefaultMethods {
		if method == known {
			return method
		}
	}
	return fiber.MethodTrace
}

// precheck refuses requests whose form is wrong whatever they ask for.
func precheck(fctx *fasthttp.RequestCtx) *problem {
	h := &fctx.Request.Header
	uri := h.RequestURI()
	if len(uri) > maxURIBytes {
		return errURITooLong
	}
	if version := string(h.Protocol()); version != "HTTP/1.1" && version != "HTTP/1.0" {
		return errHTTPVersion
	}
	if u, err := url.ParseRequestURI(string(uri)); err != nil || !goodEscapes(u.RawQuery) {
		return errMalformedRequest
	}
	if host := h.Host(); len(host) > 0 && !goodHost.Match(host) {
		return errMalformedRequest
	}
	if expect := h.Peek(fasthttp.HeaderExpect); len(expect) > 0 && !strings.EqualFold(string(expect), "100-continue") {
		return errExpectation
	}
	return nil
}

// goodHost is a name or address with an optional port (RFC 3986 section 3.2.2,
// without the delimiters that no real name has).
var goodHost = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$`)

// goodEscapes reports whether every percent sign begins an escape.
func goodEscapes(query string) bool {
	for i := range len(query) {
		if query[i] == '%' && (i+2 >= len(query) || !isHex(query[i+1]) || !isHex(query[i+2])) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// refuseUnreadable answers bytes that fasthttp could not read as a request. The
// connection is closed after it, since nobody knows where a next one begins.
func (s *Server) refuseUnreadable(fctx *fasthttp.RequestCtx, cause error) {
	linger(fctx.Conn())
	s.refuseEarly(fctx, unreadable(cause))
}

// expect answers a client that waits for leave to send its body: at once, if
// the body would be refused anyway.
func (s *Server) expect(fctx *fasthttp.RequestCtx) int {
	if fctx.Request.Header.ContentLength() <= maxBodyBytes {
		return fasthttp.StatusContinue
	}
	s.refuseEarly(fctx, errBodyTooLarge)
	return errBodyTooLarge.Status
}

// refuseEarly answers a request that the pipeline never sees.
func (s *Server) refuseEarly(fctx *fasthttp.RequestCtx, p *problem) {
	x := s.begin(fctx)
	defer x.cancel()
	s.refuse(fctx, p)
	s.finish(fctx, x)
	s.observe(fctx, x, string(fctx.Method()))
}

func unreadable(cause error) *problem {
	var network net.Error
	switch {
	case errors.As(cause, new(*fasthttp.ErrSmallBuffer)):
		return errHeadersTooLarge
	case errors.Is(cause, fasthttp.ErrBodyTooLarge):
		return errBodyTooLarge
	case errors.As(cause, &network) && network.Timeout():
		return errRequestTimeout
	}
	return errMalformedRequest
}

// finish gives the answer the headers that all answers have.
func (s *Server) finish(fctx *fasthttp.RequestCtx, x *exchange) {
	h := &fctx.Response.Header
	h.Set(headerRequestID, x.id)
	h.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	h.Set(fasthttp.HeaderReferrerPolicy, "no-referrer")
	setDefault(h, fasthttp.HeaderCacheControl, "no-store")
	setDefault(h, fasthttp.HeaderContentSecurityPolicy, contentPolicy)
	if s.secure { // not for subdomains: the service has one path of a host that others share
		h.Set(fasthttp.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	if allow := h.Peek(fasthttp.HeaderAllow); len(allow) > 0 {
		h.Set(fasthttp.HeaderAllow, strings.Replace(string(allow), fiber.MethodGet, "GET, HEAD", 1))
	}
	if s.draining.Load() {
		fctx.SetConnectionClose()
	}
}

func setDefault(h *fasthttp.ResponseHeader, name, value string) {
	if len(h.Peek(name)) == 0 {
		h.Set(name, value)
	}
}

// observe writes the access log and counts. Query strings are left out: a
// careless client may put a secret there.
func (s *Server) observe(fctx *fasthttp.RequestCtx, x *exchange, method string) {
	took := time.Since(x.start)
	status := fctx.Response.StatusCode()
	method = boundedMethod(method)
	s.metrics.observe(x.route, method, status, took)
	x.endSpan(method, status)
	level := slog.LevelInfo
	if !strings.HasPrefix(x.route, basePath) && status < fasthttp.StatusBadRequest {
		level = slog.LevelDebug // probes and scrapes
	}
	s.log.LogAttrs(x.ctx, level, "request",
		slog.String("request_id", x.id),
		slog.String("method", method),
		slog.String("route", x.route),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("client_ip", x.client.IP),
	)
}

// boundedMethod keeps clients from inventing values of a label.
func boundedMethod(method string) string {
	for _, known := range fiber.DefaultMethods {
		if method == known {
			return method
		}
	}
	return "OTHER"
}
