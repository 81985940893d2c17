package service

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/tracing"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

// traces is the tracing of a composition that may have none: commands other than
// serve.
type traces struct {
	fx.In

	Tracing *tracing.Tracing `optional:"true"`
}

// provider returns what makes spans; nil if nothing is traced.
func (t traces) provider() trace.TracerProvider { return t.Tracing.Provider() }

// newTracing is nil, and nothing is set up, unless an endpoint is set. It stops
// last of all, so that it sees everything else stop.
func newTracing(lc fx.Lifecycle, cfg config.Config, logger *slog.Logger) (*tracing.Tracing, error) {
	if !cfg.Tracing.On() {
		return nil, nil //nolint:nilnil // a nil *Tracing is one that is off
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
