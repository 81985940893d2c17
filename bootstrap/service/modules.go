package service

import (
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/ports"
)

// UseCases is the module that every composition shares: the application on top
// of the adapters that the other modules provide.
func UseCases() fx.Option {
	return fx.Module("application", fx.Provide(newUseCases))
}

// Backends are the driven ports that a composition has to provide.
type Backends struct {
	fx.In

	Stores   ports.Repositories
	Work     ports.UnitOfWork
	Hasher   ports.PasswordHasher
	Screen   ports.PasswordScreen
	Signer   ports.TokenSigner
	Limiter  ports.RateLimiter
	Mailer   ports.Mailer
	Clock    ports.Clock
	IDs      ports.IDs
	Random   ports.Random
	Settings assembly.Settings
}

func newUseCases(b Backends, spans traces) ports.UseCases {
	return spans.Tracing.UseCases(assembly.UseCases(assembly.Ports{
		Store:   ports.Store{Repositories: b.Stores, UnitOfWork: b.Work},
		Hasher:  b.Hasher,
		Screen:  b.Screen,
		Signer:  b.Signer,
		Limiter: b.Limiter,
		Mailer:  b.Mailer,
		Clock:   b.Clock,
		IDs:     b.IDs,
		Random:  b.Random,
	}, b.Settings))
}
