package service

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/ports"
)

// NewLogger returns the configured logger. The times of lines are in UTC, and lines about a request
// contain its id. If out is a LineBuffer, it is flushed after each warning and error.
func NewLogger(l config.Log, out io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(l.Level))); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewJSONHandler(out, options)
	if l.Format == config.LogText {
		handler = slog.NewTextHandler(out, options)
	}
	buffer, _ := out.(*LineBuffer)
	return slog.New(lines{handler, buffer})
}

// The attributes that the log lines of one request share.
const (
	keyRequestID = "request_id"
	keyTraceID   = "trace_id"
	keySpanID    = "span_id"
)

// lines adds two things from the context to each line: the id of the request that caused
// it, also in a job long after the request, and the span.
type lines struct {
	slog.Handler
	buffer *LineBuffer // nil if lines are written at once
}

// Handle implements slog.Handler.
func (h lines) Handle(ctx context.Context, r slog.Record) error {
	r.Time = r.Time.UTC()
	id, span := ports.RequestID(ctx), trace.SpanContextFromContext(ctx)
	if id != "" && !has(r, keyRequestID) {
		r = r.Clone()
		r.AddAttrs(slog.String(keyRequestID, id))
	}
	if span.IsValid() {
		r = r.Clone()
		r.AddAttrs(slog.String(keyTraceID, span.TraceID().String()), slog.String(keySpanID, span.SpanID().String()))
	}
	err := h.Handler.Handle(ctx, r)
	if h.buffer != nil && r.Level >= slog.LevelWarn {
		err = errors.Join(err, h.buffer.Flush())
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h lines) WithAttrs(attrs []slog.Attr) slog.Handler {
	return lines{h.Handler.WithAttrs(attrs), h.buffer}
}

// WithGroup implements slog.Handler.
func (h lines) WithGroup(name string) slog.Handler { return lines{h.Handler.WithGroup(name), h.buffer} }

// has reports whether a line already has an attribute.
func has(r slog.Record, key string) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		found = a.Key == key
		return !found
	})
	return found
}
