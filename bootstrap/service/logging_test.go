package service

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/ports"
)

// lineOf logs one line and returns it with its attributes.
func lineOf(t *testing.T, say func(*slog.Logger)) (string, map[string]any) {
	t.Helper()
	var out bytes.Buffer
	say(NewLogger(config.Log{Level: "info", Format: config.LogJSON}, &out))
	fields := map[string]any{}
	require.NoError(t, json.Unmarshal(out.Bytes(), &fields))
	return out.String(), fields
}

func TestLogger_AddsTheRequestAndTheSpan(t *testing.T) {
	t.Parallel()
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := trace.ContextWithSpanContext(ports.WithRequestID(t.Context(), "one"), span)

	_, fields := lineOf(t, func(l *slog.Logger) { l.With("job_id", 7).WarnContext(ctx, "late", "failures", 3) })
	assert.Equal(t, "one", fields["request_id"])
	assert.Equal(t, span.TraceID().String(), fields["trace_id"])
	assert.Equal(t, span.SpanID().String(), fields["span_id"])
	assert.InDelta(t, 7, fields["job_id"], 0)

	line, fields := lineOf(t, func(l *slog.Logger) { l.InfoContext(ctx, "request", "request_id", "said already") })
	assert.Equal(t, "said already", fields["request_id"])
	assert.Equal(t, 1, strings.Count(line, "request_id"), "no attribute appears twice")

	for name, without := range map[string]context.Context{"nothing": t.Context(), "an empty id": ports.WithRequestID(t.Context(), "")} {
		_, fields = lineOf(t, func(l *slog.Logger) { l.InfoContext(without, "serving") })
		assert.NotContains(t, fields, "request_id", name)
		assert.NotContains(t, fields, "trace_id", name)
	}
}

func TestLogger_WritesUTCInTheChosenForm(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := NewLogger(config.Log{Level: "warn", Format: config.LogJSON}, &out)
	logger.Info("quiet")
	logger.Warn("loud", "name", "value")
	assert.Equal(t, 1, strings.Count(out.String(), "\n"))
	assert.Regexp(t, `^\{"time":"[^"]+Z","level":"WARN","msg":"loud","name":"value"\}\n$`, out.String())

	out.Reset()
	NewLogger(config.Log{Level: "info", Format: config.LogText}, &out).Info("plain")
	assert.Contains(t, out.String(), "level=INFO msg=plain")
}
