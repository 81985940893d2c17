package authtest

import (
	"log/slog"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// Option changes how a service is put together.
type Option func(*composition)

// composition holds what options say, and the parts of a service before it starts.
type composition struct {
	app.Adapters

	clock    ports.Clock
	settings assembly.Settings
	quotas   map[ports.Limit]domain.Quota
	// replace changes adapters once all of them are there.
	replace []func(*assembly.Ports)
	faults  *Faults
	logger  *slog.Logger
}

// newComposition reads all options before it makes the adapters, since the adapters go
// by the clock. Errors: no key could be made.
func newComposition(options []Option) (*composition, error) {
	c := &composition{
		settings: service.DefaultSettings(),
		logger:   slog.New(slog.DiscardHandler),
		faults:   &Faults{},
	}
	c.settings.LoginFailures = domain.FailureLimit{} // as the limits
	StartAt(time.Now())(c)
	for _, option := range options {
		option(c)
	}
	c.Adapters = app.InMemoryBy(c.clock)
	c.Ports.Limiter = memory.NewRateLimiter(c.clock, c.quotas)
	c.Ports.Signer = nil
	inMemory := c.Ports.Store
	for _, replace := range c.replace {
		replace(&c.Ports)
	}
	if c.Ports.Store == inMemory {
		c.faults.store = c.Store
	}
	if c.Ports.Signer != nil {
		return c, nil
	}
	var err error
	c.Ports.Signer, err = newSigner()
	return c, err
}

// WithClock makes the service go by clock, such as one that the tested code shares. The
// Clock of the service is nil if it is not a *memory.Clock.
func WithClock(clock ports.Clock) Option {
	return func(c *composition) {
		c.clock = clock
		if _, exact := clock.(*memory.Clock); !exact {
			c.clock = wholeMicroseconds{clock}
		}
	}
}

// StartAt makes the clock of the service begin at start, in place of the present time.
func StartAt(start time.Time) Option { return WithClock(memory.NewClock(start)) }

// wholeMicroseconds gives the time of a clock as ports.Clock demands.
type wholeMicroseconds struct{ ports.Clock }

// Now implements ports.Clock.
func (c wholeMicroseconds) Now() time.Time { return c.Clock.Now().UTC().Truncate(time.Microsecond) }

// WithSettings changes the settings of the service, such as the lives of
// sessions or whether an address has to be verified.
func WithSettings(change func(*assembly.Settings)) Option {
	return func(c *composition) { change(&c.settings) }
}

// WithAccessTokenClaims adds claims to access tokens and to the answers for gateways, as
// ACCESS_TOKEN_CLAIMS does. domain.ParseClaimMap reads that setting.
func WithAccessTokenClaims(claims domain.ClaimMap) Option {
	return func(c *composition) { c.settings.AccessTokenClaims = claims }
}

// WithLimits turns rate limits on. By default they are off, so that a test may sign
// in without a limit. service.DefaultQuotas are the limits of a service without
// configuration. Limits count by the service's clock. Locks by wrong passwords in a row
// are off as well; WithSettings turns them on by Settings.LoginFailures.
func WithLimits(quotas map[ports.Limit]domain.Quota) Option {
	return func(c *composition) { c.quotas = quotas }
}

// WithLogger sends the service's log to logger. By default the log is discarded.
func WithLogger(logger *slog.Logger) Option {
	return func(c *composition) { c.logger = logger }
}

// with returns the option that changes adapters.
func with(replace func(*assembly.Ports)) Option {
	return func(c *composition) { c.replace = append(c.replace, replace) }
}

// WithStore keeps users elsewhere, such as in a database. Faults does not reach that
// store.
func WithStore(store ports.Store) Option {
	return with(func(p *assembly.Ports) { p.Store = store })
}

// WithPasswordHasher hashes passwords with h.
func WithPasswordHasher(h ports.PasswordHasher) Option {
	return with(func(p *assembly.Ports) { p.Hasher = h })
}

// WithAdmission admits requests for mails by a. By default all are admitted.
func WithAdmission(a ports.Admission) Option {
	return with(func(p *assembly.Ports) { p.Admission = a })
}

// WithPasswordScreen screens new passwords with s.
func WithPasswordScreen(s ports.PasswordScreen) Option {
	return with(func(p *assembly.Ports) { p.Screen = s })
}

// WithTokenSigner signs tokens with s, in place of a signer of adapters/tokens with an
// Ed25519 key of its own. If s has a method JWKS() []byte, as signers of adapters/tokens
// do, its key set is published at /api/auth/.well-known/jwks.json.
func WithTokenSigner(s ports.TokenSigner) Option {
	return with(func(p *assembly.Ports) { p.Signer = s })
}

// WithDataKeys seals secrets with k, in place of a fixed key.
func WithDataKeys(k ports.DataKeys) Option {
	return with(func(p *assembly.Ports) { p.DataKeys = k })
}

// WithMailer sends mails with m; the mailbox stays empty then.
func WithMailer(m ports.Mailer) Option {
	return with(func(p *assembly.Ports) { p.Mailer = m })
}

// WithRandom makes secrets with r.
func WithRandom(r ports.Random) Option {
	return with(func(p *assembly.Ports) { p.Random = r })
}
