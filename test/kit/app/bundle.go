package app

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Start is the time at which every test begins. It lies in the middle of a second.
var Start = time.Date(2026, time.May, 6, 7, 8, 9, 123_456_000, time.UTC)

// Bundle is every use case for one test, with its adapters.
type Bundle struct {
	testing.TB
	Adapters

	UseCases ports.UseCases
	// Settings are the settings of the use cases. Only New can change them.
	Settings assembly.Settings
	Hasher   *Hasher
	Gate     *Gatekeeper
	// From is the origin of the requests of this package's helpers.
	From ports.Origin

	// enqueued returns the jobs of another store; delivered counts the delivered ones.
	enqueued  func(t testing.TB) []ports.MailJob
	delivered int
}

// New returns a bundle in memory in which addresses must be verified, with settings
// changed by edits. Mails are delivered at once.
func New(t testing.TB, edits ...func(*assembly.Settings)) *Bundle {
	t.Helper()
	b := &Bundle{TB: t, Adapters: InMemory(Start), Settings: settings(), Hasher: &Hasher{}, Gate: &Gatekeeper{}, From: Origin}
	for _, edit := range edits {
		edit(&b.Settings)
	}
	b.Change(func(p *assembly.Ports) { p.Hasher, p.Admission = b.Hasher, b.Gate })
	t.Cleanup(func() {
		if held := b.Hasher.Held(); held != 0 {
			t.Errorf("%d places of the hasher were not released", held)
		}
		if inside := b.Gate.Inside(); inside != 0 {
			t.Errorf("%d admitted requests did not leave", inside)
		}
	})
	return b
}

// Over returns a bundle over a store that the test brings. enqueued returns all mail
// jobs of that store, in order; the helpers of this package deliver them when they look
// for mails. The bundle has no Store and no Queue.
func Over(t testing.TB, store ports.Store, enqueued func(t testing.TB) []ports.MailJob, edits ...func(*assembly.Settings)) *Bundle {
	t.Helper()
	b := New(t, edits...)
	b.Adapters.Store, b.Queue, b.enqueued = nil, nil, enqueued
	b.Change(func(p *assembly.Ports) { p.Store = store })
	return b
}

// deliver delivers the jobs that a store other than the bundle's own has enqueued.
func (b *Bundle) deliver() {
	b.Helper()
	if b.enqueued == nil {
		return
	}
	for jobs := b.enqueued(b); b.delivered < len(jobs); jobs = b.enqueued(b) {
		_, err := b.UseCases.DeliverMail.Execute(b.Context(), jobs[b.delivered])
		require.NoError(b, err)
		b.delivered++
	}
}

// Change replaces adapters, and rebuilds the use cases.
func (b *Bundle) Change(change func(p *assembly.Ports)) {
	b.Helper()
	change(&b.Ports)
	b.UseCases = b.With(func(*assembly.Ports) {})
	if b.Queue != nil {
		b.Queue.Deliver(b.UseCases.DeliverMail)
	}
}

// With returns use cases on other adapters. It does not change the bundle.
func (b *Bundle) With(change func(p *assembly.Ports)) ports.UseCases {
	b.Helper()
	changed := b.Adapters
	change(&changed.Ports)
	return Listed(b, changed.UseCases(b.Settings))
}

// Reconfigured returns use cases over the same adapters with other settings. It does
// not change the bundle.
func (b *Bundle) Reconfigured(edit func(*assembly.Settings)) ports.UseCases {
	b.Helper()
	settings := b.Settings
	edit(&settings)
	return Listed(b, b.Adapters.UseCases(settings))
}

// Limit turns one rate limit on and all others off.
func (b *Bundle) Limit(limit ports.Limit, quota domain.Quota) {
	b.Limits(map[ports.Limit]domain.Quota{limit: quota})
}

// Limits turns rate limits on and all others off. It resets all counts.
func (b *Bundle) Limits(quotas map[ports.Limit]domain.Quota) {
	b.Change(func(p *assembly.Ports) { p.Limiter = memory.NewRateLimiter(b.Clock, quotas) })
}

func settings() assembly.Settings {
	return assembly.Settings{
		EmailVerificationRequired: true,
		SessionLives:              domain.SessionLives{Idle: 7 * 24 * time.Hour, Absolute: 30 * 24 * time.Hour, Grace: 10 * time.Second, Unseen: time.Hour},
		TokenRules:                domain.TokenRules{Issuer: "issuer", Audience: "audience", AccessLife: 30 * time.Minute},
		MaxSessionsPerUser:        100,
		AuditRetention:            90 * 24 * time.Hour,
		UnconfirmedRetention:      30 * 24 * time.Hour,
		LoginFailures:             domain.FailureLimit{Failures: 100, Lock: 24 * time.Hour},
		NewDeviceMail:             true,
		Product:                   "Example",
	}
}

// Optional makes the verification of addresses optional.
func Optional(s *assembly.Settings) { s.EmailVerificationRequired = false }

// DropUnproven drops passwords that nothing proves when an address is confirmed.
func DropUnproven(s *assembly.Settings) { s.EmailVerifyUnproven = domain.UnprovenDrop }

// NoGrace ends a session as soon as a refresh token comes back.
func NoGrace(s *assembly.Settings) { s.SessionLives.Grace, s.SessionLives.Unseen = 0, 0 }

// Listed returns use cases that fail the test if they refuse with an error that their
// operation does not list.
func Listed(t testing.TB, useCases ports.UseCases) ports.UseCases {
	t.Helper()
	return useCases.Observed(func(op ports.Operation) ports.Observer {
		return func(ctx context.Context) (context.Context, func(error)) {
			return ctx, func(err error) {
				refusal := ports.RefusalOf(err)
				if refusal == nil || errors.Is(refusal, domain.ErrUnavailable) {
					return
				}
				if !slices.ContainsFunc(op.Refusals, func(listed *domain.Error) bool {
					return listed.Code == refusal.Code && (listed.Field == "" || listed.Field == refusal.Field)
				}) {
					t.Errorf("%s refused with %s at %q, which its operation does not list", op.Name, refusal.Code, refusal.Field)
				}
			}
		}
	})
}

// Fixtures of most tests.
const (
	Ada      = "ada@example.com"
	Bob      = "bob@example.com"
	Password = "correct horse battery"
	Another  = "staple the horse twice"
)
