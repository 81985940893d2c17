package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// The protocols, as OTEL_EXPORTER_OTLP_PROTOCOL spells them.
const (
	GRPC = "grpc"
	HTTP = "http/protobuf"
)

// flushTimeout bounds the last export when the service stops.
const flushTimeout = 3 * time.Second

// scope is the instrumentation scope of the service's spans.
const scope = "github.com/seed543b3b27/auth-service"

// Options configure the traces. The OpenTelemetry SDK itself reads the address,
// headers, certificates, timeouts and samplers from the OTEL_* variables of the
// process.
type Options struct {
	// Protocol is GRPC or HTTP. Empty means HTTP.
	Protocol string
	// Service and Version name the sender, unless OTEL_SERVICE_NAME or
	// OTEL_RESOURCE_ATTRIBUTES do.
	Service, Version string
	// Logger gets the first failure of an outage, and its end.
	Logger *slog.Logger
}

// Tracing makes and sends spans. A nil *Tracing means that tracing is off: it has
// no provider and wraps nothing. It is safe for concurrent use.
type Tracing struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// Start begins to send traces in the background. The service never waits for the
// collector: spans that do not fit into a bounded queue are dropped. Errors: a
// variable of the exporter that cannot be used.
func Start(ctx context.Context, options Options) (*Tracing, error) {
	report := &reporter{logger: options.Logger}
	otel.SetErrorHandler(report)
	otel.SetLogger(logr.FromSlogHandler(options.Logger.Handler()))
	exporter, err := newExporter(ctx, options.Protocol)
	if err != nil {
		return nil, fmt.Errorf("tracing: setting up the exporter: %w", err)
	}
	from, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithHost(),
		resource.WithAttributes(
			attribute.String("service.name", options.Service),
			attribute.String("service.version", options.Version),
		),
		resource.WithFromEnv(),
	)
	if err != nil {
		report.Handle(fmt.Errorf("reading OTEL_RESOURCE_ATTRIBUTES: %w", err))
	}
	return start(reporting{exporter, report}, from), nil
}

func newExporter(ctx context.Context, protocol string) (*otlptrace.Exporter, error) {
	switch protocol {
	case GRPC:
		return otlptracegrpc.New(ctx)
	case HTTP, "":
		return otlptracehttp.New(ctx)
	}
	return nil, errors.New("the protocol must be grpc or http/protobuf")
}

func start(exporter sdktrace.SpanExporter, from *resource.Resource) *Tracing {
	limits := sdktrace.NewSpanLimits()
	limits.EventCountLimit = 0 // errors' texts would be events
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(from),
		sdktrace.WithRawSpanLimits(limits),
	)
	return &Tracing{provider: provider, tracer: provider.Tracer(scope)}
}

// Provider returns the source of spans; nil if tracing is off.
func (t *Tracing) Provider() trace.TracerProvider {
	if t == nil {
		return nil
	}
	return t.provider
}

// Shutdown sends the remaining spans, for at most three seconds, and ends. It
// logs spans that could not be sent.
func (t *Tracing) Shutdown(ctx context.Context) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		otel.Handle(err)
	}
}

// reporting exports spans and reports failures once for each outage instead of
// once for each batch.
type reporting struct {
	sdktrace.SpanExporter
	report *reporter
}

// ExportSpans implements sdktrace.SpanExporter.
func (e reporting) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.report.Handle(err)
		return nil
	}
	e.report.succeeded()
	return nil
}

// reporter logs the first failure of an outage, and its end.
type reporter struct {
	logger *slog.Logger
	failed atomic.Bool
}

// Handle implements otel.ErrorHandler.
func (r *reporter) Handle(err error) {
	if !r.failed.Swap(true) {
		r.logger.Warn("traces cannot be exported; requests are not affected, but spans are dropped when the queue is full", "error", err)
	}
}

func (r *reporter) succeeded() {
	if r.failed.Swap(false) {
		r.logger.Info("traces are exported again")
	}
}
