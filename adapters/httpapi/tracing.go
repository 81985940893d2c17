package httpapi

import (
	"strconv"

	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// The longest fields of a trace context that are read, in bytes. A traceparent
// has 55 and may grow in later versions; of a tracestate the specification asks
// for 512 (W3C Trace Context, section 3.3.1.5).
const (
	maxTraceparent = 128
	maxTracestate  = 512
)

const (
	fieldTraceparent = "traceparent"
	fieldTracestate  = "tracestate"
)

// tracer returns the tracer of a provider; nil for none.
func tracerOf(provider trace.TracerProvider) trace.Tracer {
	if provider == nil {
		return nil
	}
	return provider.Tracer("github.com/seed543b3b27/auth-service/adapters/httpapi")
}

// startSpan begins the span of a request; the exchange's context carries it.
// Probes and scrapes have none. What the client chose is left out, paths and
// query strings above all: somebody may put a secret there.
func (s *Server) startSpan(fctx *fasthttp.RequestCtx, x *exchange) {
	switch string(fctx.Path()) {
	case "/healthz", "/readyz", "/metrics":
		return
	}
	scheme := "http"
	if s.secure {
		scheme = "https"
	}
	method := tracedMethod(string(fctx.Method()))
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(
			attribute.String("http.request.method", method),
			attribute.String("url.scheme", scheme),
			attribute.String("client.address", x.client.IP),
			attribute.String("auth.request_id", x.id),
		),
	}
	if remote, trusted := s.remoteSpan(fctx); remote.IsValid() {
		if trusted {
			x.ctx = trace.ContextWithRemoteSpanContext(x.ctx, remote)
		} else {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: remote}))
		}
	}
	x.ctx, x.span = s.tracer.Start(x.ctx, method, options...)
}

// endSpan completes the span with what the answer tells.
func (x *exchange) endSpan(method string, status int) {
	if x.span == nil {
		return
	}
	if x.route != unmatched {
		x.span.SetName(tracedMethod(method) + " " + x.route)
		x.span.SetAttributes(attribute.String("http.route", x.route))
	}
	x.span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status >= fasthttp.StatusInternalServerError {
		x.span.SetAttributes(attribute.String("error.type", strconv.Itoa(status)))
		x.span.SetStatus(codes.Error, "")
	}
	x.span.End()
}

// tracedMethod is a method as OpenTelemetry wants it where it is not a known one.
func tracedMethod(method string) string {
	if known := boundedMethod(method); known != "OTHER" {
		return known
	}
	return "_OTHER"
}

// remoteSpan returns the span that the request says it was sent in (W3C Trace
// Context), and whether to believe it: that of a trusted proxy is the parent of
// ours, and decides whether it is sampled. Anybody else's is only linked to, and
// without its state, so that nobody outside has a say in our traces (ADR 0012).
// One that is malformed, repeated or too long is none.
func (s *Server) remoteSpan(fctx *fasthttp.RequestCtx) (remote trace.SpanContext, trusted bool) {
	parent := fctx.Request.Header.PeekAll(fieldTraceparent)
	if len(parent) != 1 || len(parent[0]) > maxTraceparent {
		return trace.SpanContext{}, false
	}
	carrier := propagation.MapCarrier{fieldTraceparent: string(parent[0])}
	if trusted = s.proxies.vouch(fctx); trusted {
		state := fctx.Request.Header.PeekAll(fieldTracestate)
		if len(state) == 1 && len(state[0]) <= maxTracestate {
			carrier[fieldTracestate] = string(state[0])
		}
	}
	ctx := propagation.TraceContext{}.Extract(fctx, carrier)
	return trace.SpanContextFromContext(ctx), trusted
}
