package tracing

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The service's own attributes.
const (
	attributeOutcome = attribute.Key("auth.outcome")
	attributeMail    = attribute.Key("auth.mail")
	attributeError   = attribute.Key("error.type")
)

// UseCases returns use cases that do the same as u. Each has a span with the name
// of its operation.
func (t *Tracing) UseCases(u ports.UseCases) ports.UseCases {
	if t == nil {
		return u
	}
	return u.Observed(func(op ports.Operation) ports.Observer {
		return func(ctx context.Context) (context.Context, func(error)) {
			ctx, span := t.tracer.Start(ctx, op.Name)
			return ctx, func(err error) {
				end(span, err)
				span.End()
			}
		}
	})
}

// end records how the work ended. A refusal is not an error of the service,
// unless a resource or time ran out. The text of an error is left out, because it
// may quote anything.
func end(span trace.Span, err error) {
	outcome := ports.Outcome(err)
	span.SetAttributes(attributeOutcome.String(outcome))
	if err == nil {
		return
	}
	var refusal *domain.Error
	if !errors.As(err, &refusal) || refusal.Kind == domain.KindUnavailable {
		fail(span, outcome)
	}
}

func fail(span trace.Span, kind string) {
	span.SetAttributes(attributeError.String(kind))
	span.SetStatus(codes.Error, "")
}
