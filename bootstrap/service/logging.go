package service

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/ports"
)

// NewLogger returns the configured logger. Times are in UTC, and lines about a request
// contain its id.
func NewLogger(l config.Log, out io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(l.Level))); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Value.Kind() == slog.KindTime {
				a.Value = slog.TimeValue(a.Value.Time().UTC())
			}
			return a
		},
	}
	if l.Format == config.LogText {
		return slog.New(correlating{slog.NewTextHandler(out, options)})
	}
	return slog.New(correlating{slog.NewJSONHandler(out, options)})
}

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
