package service

import (
	"log/slog"

	"go.uber.org/fx"
	"go.uber.org/fx/fxevent"

	"github.com/seed543b3b27/auth-service/adapters/metrics"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/ports"
)

// whole returns the modules of the service, for production and for a machine with nothing
// configured. out is the output for a person.
func whole(cfg config.Config, logger *slog.Logger, out Console) fx.Option {
	return fx.Options(
		backend(cfg, logger, out),
		fx.Provide(newTracing, newSealed, newReadiness, metrics.NewOperations, newStock, newServer, newRunner),
		fx.Invoke(serveProfiles, func(lc fx.Lifecycle, s *runner) {
			lc.Append(fx.Hook{OnStart: s.start, OnStop: s.stop})
		}),
	)
}

// backend returns the modules of a Backend.
func backend(cfg config.Config, logger *slog.Logger, out Console) fx.Option {
	return fx.Options(
		fx.WithLogger(func() fxevent.Logger { return fxevent.NopLogger }),
		fx.Supply(cfg, logger, settings(cfg), out),
		durable(), crypto(), mailing(), application(),
	)
}

// application is the module of the use cases, on top of the adapters that the other modules
// provide.
func application() fx.Option {
	return fx.Module("application", fx.Provide(newUseCases))
}

// drivenPorts lists the driven ports, and the settings, that the other modules must provide.
type drivenPorts struct {
	fx.In

	Store     ports.Store
	Hasher    ports.PasswordHasher
	Screen    ports.PasswordScreen
	Signer    ports.TokenSigner
	DataKeys  ports.DataKeys
	Admission ports.Admission
	Limiter   ports.RateLimiter
	Mailer    ports.Mailer
	Clock     ports.Clock
	IDs       ports.IDs
	Random    ports.Random
	Settings  assembly.Settings
}

// observers lists what observes use cases. Commands other than serve count no
// operations.
type observers struct {
	fx.In

	Spans      traces
	Operations *metrics.Operations `optional:"true"`
}

// around returns the use cases with their observers. No other place adds observers, so all
// callers of a composition share them.
func (o observers) around(u ports.UseCases) ports.UseCases {
	u = o.Spans.Tracing.UseCases(u)
	if o.Operations != nil {
		u = o.Operations.Count(u)
	}
	return u
}

func newUseCases(p drivenPorts, o observers) ports.UseCases {
	return o.around(assembly.UseCases(assembly.Ports{
		Store:     p.Store,
		Hasher:    p.Hasher,
		Screen:    p.Screen,
		Signer:    p.Signer,
		DataKeys:  p.DataKeys,
		Admission: p.Admission,
		Limiter:   p.Limiter,
		Mailer:    p.Mailer,
		Clock:     p.Clock,
		IDs:       p.IDs,
		Random:    p.Random,
	}, p.Settings))
}
