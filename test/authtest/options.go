package authtest

import (
	"log/slog"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// Option changes how a service is put together.
type Option func(*composition)

// composition holds the parts of a service before it starts.
type composition struct {
	app.Adapters

	settings assembly.Settings
	faults   *Faults
	logger   *slog.Logger
}

func newComposition(options []Option) *composition {
	c := &composition{
		Adapters: app.InMemory(StartTime),
		settings: service.DefaultSettings(),
		logger:   slog.New(slog.DiscardHandler),
	}
	c.settings.LoginFailures = domain.FailureLimit{} // as the limits
	c.faults = &Faults{c.Store}
	for _, option := range options {
		option(c)
	}
	return c
}

// WithSettings changes the settings of the service, such as the lives of
// sessions or whether an address has to be verified.
func WithSettings(change func(*assembly.Settings)) Option {
	return func(c *composition) { change(&c.settings) }
}

// WithLimits turns rate limits on. By default they are off, so that a test may sign
// in without a limit. service.DefaultQuotas are the limits of a service without
// configuration. Limits count by the service's clock. Locks by wrong passwords in a row
// are off as well; WithSettings turns them on by Settings.LoginFailures.
func WithLimits(quotas map[ports.Limit]domain.Quota) Option {
	return func(c *composition) { c.Ports.Limiter = memory.NewRateLimiter(c.Clock, quotas) }
}

// WithLogger sends the service's log to logger. By default the log is discarded.
func WithLogger(logger *slog.Logger) Option {
	return func(c *composition) { c.logger = logger }
}

// WithStore keeps users elsewhere, such as in a database. Faults does not reach that
// store.
func WithStore(store ports.Store) Option {
	return func(c *composition) {
		c.Ports.Store = store
		c.faults = &Faults{}
	}
}

// WithPasswordHasher hashes passwords with h.
func WithPasswordHasher(h ports.PasswordHasher) Option {
	return func(c *composition) { c.Ports.Hasher = h }
}

// WithPasswordScreen screens new passwords with s.
func WithPasswordScreen(s ports.PasswordScreen) Option {
	return func(c *composition) { c.Ports.Screen = s }
}

// WithTokenSigner signs tokens with s. The key set of a signer of adapters/tokens is
// published at /api/auth/.well-known/jwks.json.
func WithTokenSigner(s ports.TokenSigner) Option {
	return func(c *composition) { c.Ports.Signer = s }
}

// WithMailer sends mails with m; the mailbox stays empty then.
func WithMailer(m ports.Mailer) Option {
	return func(c *composition) { c.Ports.Mailer = m }
}

// WithRandom makes secrets with r.
func WithRandom(r ports.Random) Option {
	return func(c *composition) { c.Ports.Random = r }
}
