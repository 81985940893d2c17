package application_test

import (
	"context"
	"math"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Fixtures of most tests.
const (
	ada      = "ada@example.com"
	bob      = "bob@example.com"
	password = "correct horse battery"
	another  = "staple the horse twice"
)

// start is when every test begins, in the middle of a second.
var start = time.Date(2026, time.May, 6, 7, 8, 9, 123_456_000, time.UTC)

// bundle is every use case over memory adapters.
type bundle struct {
	ports.UseCases
	t        testing.TB
	deps     assembly.Ports
	settings assembly.Settings
	store    *memory.Store
	queue    *memory.Queue
	mailbox  *memory.Mailer
	clock    *memory.Clock
	hasher   *countingHasher
	// from is where requests come from.
	from ports.Origin
}

// newBundle returns a bundle in which verification is required, changed by
// edits.
func newBundle(t testing.TB, edits ...func(*assembly.Settings)) *bundle {
	t.Helper()
	b := &bundle{
		t:       t,
		mailbox: memory.NewMailer(),
		clock:   memory.NewClock(start),
		hasher:  &countingHasher{},
		from:    origin,
	}
	b.queue = memory.NewQueue(b.clock)
	b.store = memory.NewStore(b.queue)
	b.settings = assembly.Settings{
		EmailVerificationRequired: true,
		SessionLives:              domain.SessionLimits{Idle: 7 * 24 * time.Hour, Absolute: 30 * 24 * time.Hour, Grace: 10 * time.Second},
		TokenRules:                domain.TokenRules{Issuer: "issuer", Audience: "audience", AccessLife: 30 * time.Minute},
		MaxSessionsPerUser:        100,
		AuditRetention:            90 * 24 * time.Hour,
	}
	for _, edit := range edits {
		edit(&b.settings)
	}
	b.deps = assembly.Ports{
		Store:  ports.Store{Repositories: b.store.Repositories(), UnitOfWork: b.store},
		Hasher: b.hasher, Screen: memory.PasswordScreen{}, Signer: memory.NewTokenSigner(), Mailer: b.mailbox,
		Limiter: memory.NewRateLimiter(b.clock, nil),
		Clock:   b.clock, IDs: memory.NewIDs(), Random: memory.NewRandom(),
	}
	b.UseCases = assembly.UseCases(b.deps, b.settings)
	b.queue.Deliver(b.DeliverMail)
	return b
}

// limit turns one rate limit on, and all others off.
func (b *bundle) limit(limit ports.Limit, quota domain.Quota) {
	b.limits(map[ports.Limit]domain.Quota{limit: quota})
}

// limits turns rate limits on, and all others off; whatever was counted before
// counts no more.
func (b *bundle) limits(quotas map[ports.Limit]domain.Quota) {
	b.deps.Limiter = memory.NewRateLimiter(b.clock, quotas)
	b.UseCases = assembly.UseCases(b.deps, b.settings)
}

// optional makes the verification of addresses optional.
func optional(s *assembly.Settings) { s.EmailVerificationRequired = false }

// noGrace turns the grace interval off.
func noGrace(s *assembly.Settings) { s.SessionLives.Grace = 0 }

// countingHasher counts what costs a hash.
type countingHasher struct {
	memory.PasswordHasher
	calls atomic.Int64
	// failAt is the call that fails with errFault; 0 means none.
	failAt atomic.Int64
	// beforeHash and beforeVerify, if set, run once before a password is
	// hashed or checked: what happens meanwhile.
	beforeHash, beforeVerify func()
}

func (h *countingHasher) Hash(ctx context.Context, password domain.Secret) (domain.PasswordHash, error) {
	if h.calls.Add(1) == h.failAt.Load() {
		return domain.PasswordHash{}, errFault
	}
	if meanwhile := h.beforeHash; meanwhile != nil {
		h.beforeHash = nil
		meanwhile()
	}
	return h.PasswordHasher.Hash(ctx, password)
}

func (h *countingHasher) Verify(ctx context.Context, hash domain.PasswordHash, password domain.Secret) (ports.PasswordMatch, error) {
	if h.calls.Add(1) == h.failAt.Load() {
		return ports.PasswordMatch{}, errFault
	}
	if meanwhile := h.beforeVerify; meanwhile != nil {
		h.beforeVerify = nil
		meanwhile()
	}
	return h.PasswordHasher.Verify(ctx, hash, password)
}

// hashes returns how many hashes fn costs.
func (b *bundle) hashes(fn func()) int {
	before := b.hasher.calls.Load()
	fn()
	return int(b.hasher.calls.Load() - before)
}

// state is what a refused request must not change.
type state struct {
	Users    []domain.UserSnapshot
	Sessions []domain.SessionSnapshot
	Mails    []string
	Pending  int
}

func (b *bundle) state() state {
	b.t.Helper()
	s := state{Mails: b.mails(), Pending: len(b.queue.Pending())}
	for _, u := range b.users() {
		s.Users = append(s.Users, u.Snapshot())
		for _, session := range b.live(u) {
			s.Sessions = append(s.Sessions, session.Snapshot())
		}
	}
	return s
}

// events returns the whole audit log, the oldest first.
func (b *bundle) events() []domain.Event {
	b.t.Helper()
	events, err := b.deps.Store.Audit.List(b.t.Context(), ports.AuditQuery{Limit: math.MaxInt})
	require.NoError(b.t, err)
	slices.Reverse(events)
	return events
}

// recorded returns the events that fn causes, the oldest first.
func (b *bundle) recorded(fn func()) []domain.Event {
	b.t.Helper()
	before := b.events()
	fn()
	after := b.events()
	require.Equal(b.t, before, after[:len(before)], "events are appended and never changed")
	return after[len(before):]
}

func (b *bundle) users() []*domain.User {
	b.t.Helper()
	users, err := b.deps.Store.Users.List(b.t.Context(), ports.UserQuery{Limit: math.MaxInt, Order: ports.OldestFirst})
	require.NoError(b.t, err)
	return users
}

func (b *bundle) live(u *domain.User) []*domain.Session {
	b.t.Helper()
	live, err := b.deps.Store.Sessions.LiveByUser(b.t.Context(), u.ID(), u.SessionEpoch(), b.clock.Now())
	require.NoError(b.t, err)
	return live
}

// mails returns every mail as "kind address", the oldest first.
func (b *bundle) mails() []string {
	all := []string{}
	for _, mail := range b.mailbox.All() {
		all = append(all, string(mail.Kind)+" "+mail.To.String())
	}
	return all
}

// mailed returns the mails that fn causes, as mails does.
func (b *bundle) mailed(fn func()) []string {
	before := len(b.mailbox.All())
	fn()
	return b.mails()[before:]
}

// refused demands that fn is refused with want, changes nothing and mails
// nobody. It returns the refusal.
func (b *bundle) refused(want error, fn func() error) *domain.Error {
	b.t.Helper()
	before := b.state()
	err := fn()
	require.ErrorIs(b.t, err, want)
	assert.Equal(b.t, before, b.state(), "a refused request changes nothing")
	var refusal *domain.Error
	require.ErrorAs(b.t, err, &refusal)
	return refusal
}

func secret(text string) domain.Secret { return domain.NewSecret(text) }

// email parses an address that is known to be good.
func email(t testing.TB, text string) domain.Email {
	t.Helper()
	e, err := domain.ParseEmail(text)
	require.NoError(t, err)
	return e
}

// user loads the account of an address.
func (b *bundle) user(address string) *domain.User {
	b.t.Helper()
	u, err := b.deps.Store.Users.ByEmail(b.t.Context(), email(b.t, address))
	require.NoError(b.t, err)
	return u
}

// change changes a stored user past the use cases.
func (b *bundle) change(address string, edit func(s *domain.UserSnapshot)) *domain.User {
	b.t.Helper()
	s := b.user(address).Snapshot()
	edit(&s)
	u, err := domain.RestoreUser(s)
	require.NoError(b.t, err)
	require.NoError(b.t, b.deps.Store.Users.Save(b.t.Context(), u))
	return b.user(u.Email().String())
}

// lastSecret returns the secret of the newest mail to an address.
func (b *bundle) lastSecret(to string) domain.Secret {
	b.t.Helper()
	mail, found := b.mailbox.Last(to)
	require.True(b.t, found, "a mail to %s", to)
	require.False(b.t, mail.TokenSecret.IsEmpty(), "the mail %s has a link", mail.Kind)
	return mail.TokenSecret
}
