package service

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/ports"
)

// The attributes that the log lines of one request share.
const (
	keyRequestID = "request_id"
	keyTraceID   = "trace_id"
	keySpanID    = "span_id"
)

// correlating adds two things from the context to each line: the id of the request that
// caused it, also in a job long after the request, and the span.
type correlating struct{ slog.Handler }

// Handle implements slog.Handler.
func (h correlating) Handle(ctx context.Context, r slog.Record) error {
	id, span := ports.RequestID(ctx), trace.SpanContextFromContext(ctx)
	if id == "" && !span.IsValid() {
		return h.Handler.Handle(ctx, r)
	}
	r = r.Clone()
	if id != "" && !has(r, keyRequestID) {
		r.AddAttrs(slog.String(keyRequestID, id))
	}
	if span.IsValid() {
		r.AddAttrs(slog.String(keyTraceID, span.TraceID().String()), slog.String(keySpanID, span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h correlating) WithAttrs(attrs []slog.Attr) slog.Handler {
	return correlating{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h correlating) WithGroup(name string) slog.Handler {
	return correlating{h.Handler.WithGroup(name)}
}

// has reports whether a line already has an attribute.
func has(r slog.Record, key string) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		found = a.Key == key
		return !found
	})
	return found
}
