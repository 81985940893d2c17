package authtest

import (
	"log/slog"

	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Option changes how a service is put together.
type Option func(*composition)

// composition is a service to be: a module for every port.
type composition struct {
	settings assembly.Settings
	logger   *slog.Logger
	stores   fx.Option
	hasher   fx.Option
	screen   fx.Option
	signer   fx.Option
	mailer   fx.Option
	random   fx.Option
	quotas   map[ports.Limit]domain.Quota
}

func newComposition(options []Option) *composition {
	c := &composition{
		settings: service.DefaultSettings(),
		logger:   slog.New(slog.DiscardHandler),
		stores:   fx.Provide(newMemoryStores),
		hasher:   supply[ports.PasswordHasher](memory.PasswordHasher{}),
		screen:   supply[ports.PasswordScreen](memory.PasswordScreen{}),
		signer:   supply[ports.TokenSigner](memory.NewTokenSigner()),
		mailer:   fx.Provide(func(m *memory.Mailer) ports.Mailer { return m }),
		random:   supply[ports.Random](memory.NewRandom()),
	}
	for _, option := range options {
		option(c)
	}
	return c
}

func (c *composition) modules() fx.Option {
	return fx.Options(
		fx.Supply(c.settings),
		fx.Provide(
			func(clock ports.Clock) *memory.Queue { return memory.NewQueue(clock) },
			memory.NewStore, memory.NewMailer,
			func() *memory.Clock { return memory.NewClock(StartTime) },
			func(clock *memory.Clock) ports.Clock { return clock },
			func(clock ports.Clock) ports.RateLimiter { return memory.NewRateLimiter(clock, c.quotas) },
			func() ports.IDs { return memory.NewIDs() },
		),
		c.stores, c.hasher, c.screen, c.signer, c.mailer, c.random,
	)
}

// supply makes a module of one value for one port.
func supply[P any](value P) fx.Option { return fx.Provide(func() P { return value }) }

func newMemoryStores(store *memory.Store) (ports.Repositories, ports.UnitOfWork, *Faults) {
	return store.Repositories(), store, &Faults{store}
}

// WithSettings changes the settings of the service, such as the lives of
// sessions or whether an address has to be verified.
func WithSettings(change func(*assembly.Settings)) Option {
	return func(c *composition) { change(&c.settings) }
}

// WithLimits turns rate limits on; a service begins with none, so that a test
// may sign in as often as it likes. service.DefaultQuotas are the limits of a
// service with nothing configured. They count by the service's clock.
func WithLimits(quotas map[ports.Limit]domain.Quota) Option {
	return func(c *composition) { c.quotas = quotas }
}

// WithLogger logs what the service logs; without it nothing is.
func WithLogger(logger *slog.Logger) Option {
	return func(c *composition) { c.logger = logger }
}

// WithStores keeps users elsewhere, such as in a database. Faults does not reach these
// stores.
func WithStores(repositories ports.Repositories, work ports.UnitOfWork) Option {
	return func(c *composition) {
		c.stores = fx.Provide(func() (ports.Repositories, ports.UnitOfWork, *Faults) { return repositories, work, &Faults{} })
	}
}

// WithPasswordHasher hashes passwords with h.
func WithPasswordHasher(h ports.PasswordHasher) Option {
	return func(c *composition) { c.hasher = supply(h) }
}

// WithPasswordScreen screens new passwords with s.
func WithPasswordScreen(s ports.PasswordScreen) Option {
	return func(c *composition) { c.screen = supply(s) }
}

// WithTokenSigner signs tokens with s.
func WithTokenSigner(s ports.TokenSigner) Option {
	return func(c *composition) { c.signer = supply(s) }
}

// WithMailer sends mails with m; the mailbox stays empty then.
func WithMailer(m ports.Mailer) Option {
	return func(c *composition) { c.mailer = supply(m) }
}

// WithRandom makes secrets with r.
func WithRandom(r ports.Random) Option {
	return func(c *composition) { c.random = supply(r) }
}
