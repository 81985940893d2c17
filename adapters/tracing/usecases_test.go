package tracing

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// does is a use case made from a function.
type does[C, R any] func(ctx context.Context, cmd C) (R, error)

func (f does[C, R]) Execute(ctx context.Context, cmd C) (R, error) { return f(ctx, cmd) }

// A span has the outcome under which the use case is counted. A failure that the
// service did not cause is not an error of the span.
func TestUseCases_SpansRecordTheOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err     error
		outcome string
		failed  bool
	}{
		{nil, "success", false},
		{domain.ErrInvalidCredentials, "invalid_credentials", false},
		{fmt.Errorf("reading: %w", domain.ErrOverloaded), "overloaded", true},
		{domain.ErrUnavailable, "unavailable", true},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), "unavailable", true},
		{errors.New("a password of hunter2"), "internal", true},
	} {
		recorder := tracetest.NewSpanRecorder()
		tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
		login := (&Tracing{tracer: tracer}).UseCases(ports.UseCases{
			Login: does[ports.LoginCommand, ports.LoginResult](func(context.Context, ports.LoginCommand) (ports.LoginResult, error) {
				return ports.LoginResult{}, c.err
			}),
		}).Login
		_, err := login.Execute(t.Context(), ports.LoginCommand{})
		require.Equal(t, c.err, err, "the error passes unchanged")
		require.Len(t, recorder.Ended(), 1)
		span := recorder.Ended()[0]
		assert.Equal(t, "login", span.Name())
		attributes := attribute.NewSet(span.Attributes()...)
		outcome, _ := attributes.Value(attributeOutcome)
		assert.Equal(t, c.outcome, outcome.AsString(), c.err)
		kind, failed := attributes.Value(attributeError)
		assert.Equal(t, c.failed, failed, c.err)
		want := codes.Unset
		if c.failed {
			want = codes.Error
			assert.Equal(t, c.outcome, kind.AsString())
		}
		assert.Equal(t, want, span.Status().Code, c.err)
		assert.Empty(t, span.Status().Description, "the text of an error may quote anything")
	}
}
