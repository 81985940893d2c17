package service

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/tracing"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

// traces is the tracing of a composition. It is nil in commands other than serve.
type traces struct {
	fx.In

	Tracing *tracing.Tracing `optional:"true"`
}

// provider returns the provider of spans; nil if nothing is traced.
func (t traces) provider() trace.TracerProvider { return t.Tracing.Provider() }

// newTracing returns nil unless traces are sent. Tracing stops last, so that it records
// the stop of everything else.
func newTracing(lc fx.Lifecycle, cfg config.Config, logger *slog.Logger) (*tracing.Tracing, error) {
	if !cfg.Tracing.On() {
		return nil, nil //nolint:nilnil // a nil *Tracing traces nothing
	}
	t, err := tracing.Start(context.Background(), tracing.Options{
		Protocol: cfg.Tracing.EffectiveProtocol(),
		Service:  "auth-service",
		Version:  Version(),
		Logger:   logger,
	})
	if err != nil {
		return nil, err
	}
	lc.Append(fx.StopHook(t.Shutdown))
	return t, nil
}
