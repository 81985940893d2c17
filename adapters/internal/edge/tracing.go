package edge

import (
	"strconv"

	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// The longest fields of a trace context that are read, in bytes. A traceparent has
// 55 bytes and may grow in later versions. For a tracestate the specification asks
// for 512 (W3C Trace Context, section 3.3.1.5).
const (
	maxTraceparent = 128
	maxTracestate  = 512
)

const (
	fieldTraceparent = "traceparent"
	fieldTracestate  = "tracestate"
)

// startSpan begins the span of a request, which the exchange's context carries.
// Probes and scrapes have no span. The span holds no path and no query string,
// because a client may put a secret there.
func (e *Engine) startSpan(x *Exchange) {
	switch string(x.raw.Path()) {
	case pathHealthz, pathReadyz, pathMetrics:
		return
	}
	scheme := "http"
	if e.config.Secure {
		scheme = "https"
	}
	method := tracedMethod(x.Method())
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(
			attribute.String("http.request.method", method),
			attribute.String("url.scheme", scheme),
			attribute.String("client.address", x.clientIP),
			e.requestID.String(x.id),
		),
	}
	if remote, trusted := e.remoteSpan(x.raw); remote.IsValid() {
		if trusted {
			x.ctx = trace.ContextWithRemoteSpanContext(x.ctx, remote)
		} else {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: remote}))
		}
	}
	x.ctx, x.span = e.config.Tracer.Start(x.ctx, method, options...)
}

// endSpan completes the span with the answer.
func (x *Exchange) endSpan(method string, status int) {
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

// tracedMethod returns a method, or OpenTelemetry's name for unknown ones.
func tracedMethod(method string) string {
	if known := boundedMethod(method); known != "OTHER" {
		return known
	}
	return "_OTHER"
}

// remoteSpan returns the span that the request names as its own (W3C Trace
// Context), and whether a trusted proxy sent it. A trusted proxy's span is the
// parent of ours and decides whether ours is sampled. Any other span is only linked
// to, without its state, so that strangers cannot influence our traces (ADR 0012).
// A field that is malformed, repeated or too long is ignored.
func (e *Engine) remoteSpan(raw *fasthttp.RequestCtx) (remote trace.SpanContext, trusted bool) {
	parent := raw.Request.Header.PeekAll(fieldTraceparent)
	if len(parent) != 1 || len(parent[0]) > maxTraceparent {
		return trace.SpanContext{}, false
	}
	carrier := propagation.MapCarrier{fieldTraceparent: string(parent[0])}
	if trusted = e.config.Proxies.vouch(raw); trusted {
		state := raw.Request.Header.PeekAll(fieldTracestate)
		if len(state) == 1 && len(state[0]) <= maxTracestate {
			carrier[fieldTracestate] = string(state[0])
		}
	}
	ctx := propagation.TraceContext{}.Extract(raw, carrier)
	return trace.SpanContextFromContext(ctx), trusted
}
