package jobs

import (
	"context"
	"encoding/json"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/ports"
)

// cause is what a job remembers of the request that enqueued it. It is stored in
// the metadata of the job's row, beside River's own, so it survives a restart.
// The job itself does not use it.
type cause struct {
	RequestID string `json:"request_id,omitempty"`
	// Traceparent is the span that the job was enqueued in (W3C Trace Context).
	Traceparent string `json:"traceparent,omitempty"`
}

const fieldTraceparent = "traceparent"

// causeOf returns the cause of work done in ctx.
func causeOf(ctx context.Context) cause {
	carrier := propagation.MapCarrier{}
	if trace.SpanContextFromContext(ctx).IsValid() {
		propagation.TraceContext{}.Inject(ctx, carrier)
	}
	return cause{RequestID: ports.RequestID(ctx), Traceparent: carrier[fieldTraceparent]}
}

// metadata returns the stored form of a cause; nil for an empty one.
func (c cause) metadata() []byte {
	if c == (cause{}) {
		return nil
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return nil // two strings always encode; a mail works without them
	}
	return raw
}

// readCause reads a cause. A row of another release may have none.
func readCause(metadata []byte) cause {
	var c cause
	if err := json.Unmarshal(metadata, &c); err != nil {
		return cause{}
	}
	return c
}

// links returns a link to the span in which the job was enqueued. That span is
// not a parent, because it ended long ago, and a mail may be retried for days.
func (c cause) links() []trace.Link {
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{fieldTraceparent: c.Traceparent})
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		return nil
	}
	return []trace.Link{{SpanContext: span}}
}

// begin starts the work on a job. Log lines carry the id of the request that
// caused the job. If tracing is on there is a span, which end completes.
func (q *Queue) begin(ctx context.Context, kind string, id int64, metadata []byte, about ...attribute.KeyValue) (_ context.Context, end func(error)) {
	c := readCause(metadata)
	ctx = ports.WithRequestID(ctx, c.RequestID)
	if q.tracer == nil {
		return ctx, func(error) {}
	}
	ctx, span := q.tracer.Start(ctx, "process "+kind,
		trace.WithNewRoot(),
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithLinks(c.links()...),
		trace.WithAttributes(
			attribute.String("messaging.system", "river"),
			attribute.String("messaging.operation.type", "process"),
			attribute.String("messaging.destination.name", kind),
			attribute.Int64("messaging.message.id", id),
		),
		trace.WithAttributes(about...),
	)
	if c.RequestID != "" {
		span.SetAttributes(attribute.String("auth.request_id", c.RequestID))
	}
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "") // without the text, which may quote anything
		}
		span.End()
	}
}
