package app

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// State is what a refused request must not change.
type State struct {
	Users    []domain.UserSnapshot
	Sessions []domain.SessionSnapshot
	Mails    []string
	Pending  int
}

// State returns the state of the whole service.
func (b *Bundle) State() State {
	b.Helper()
	s := State{Mails: b.Mails(), Pending: len(b.Queue.Pending())}
	for _, u := range b.Users() {
		s.Users = append(s.Users, u.Snapshot())
		for _, session := range b.Live(u) {
			s.Sessions = append(s.Sessions, session.Snapshot())
		}
	}
	return s
}

// Refused demands that fn is refused with want, changes nothing and sends no mail. It
// returns the refusal.
func (b *Bundle) Refused(want error, fn func() error) *domain.Error {
	b.Helper()
	before := b.State()
	err := fn()
	require.ErrorIs(b, err, want)
	assert.Equal(b, before, b.State(), "a refused request changes nothing")
	var refusal *domain.Error
	require.ErrorAs(b, err, &refusal)
	return refusal
}

// Events returns the whole audit log, the oldest event first.
func (b *Bundle) Events() []domain.Event {
	b.Helper()
	log, err := b.Ports.Store.Audit.List(b.Context(), ports.AuditQuery{Limit: math.MaxInt})
	require.NoError(b, err)
	slices.Reverse(log.Rows)
	return log.Rows
}

// Recorded returns the events that fn causes, the oldest first.
func (b *Bundle) Recorded(fn func()) []domain.Event {
	b.Helper()
	before := b.Events()
	fn()
	after := b.Events()
	for i := range before { // a deleted account takes the answers of mail servers with it
		if before[i].Type.OfMail() && after[i].Reason == "" {
			before[i].Reason = ""
		}
	}
	require.Equal(b, before, after[:len(before)], "events are appended and never changed")
	return after[len(before):]
}

// Users returns all users, the oldest first.
func (b *Bundle) Users() []*domain.User {
	b.Helper()
	users, err := b.Ports.Store.Users.List(b.Context(), ports.UserQuery{Limit: math.MaxInt, Order: ports.OldestFirst})
	require.NoError(b, err)
	return users.Rows
}

// User returns the account of an address.
func (b *Bundle) User(address string) *domain.User {
	b.Helper()
	u, err := b.Ports.Store.Users.ByEmail(b.Context(), Email(b, address))
	require.NoError(b, err)
	return u
}

// Live returns the live sessions of a user.
func (b *Bundle) Live(u *domain.User) []*domain.Session {
	b.Helper()
	live, err := b.Ports.Store.Sessions.LiveByUser(b.Context(), u.ID(), u.SessionEpoch(), b.Clock.Now())
	require.NoError(b, err)
	return live
}

// Edit changes a stored user without a use case.
func (b *Bundle) Edit(address string, edit func(s *domain.UserSnapshot)) *domain.User {
	b.Helper()
	s := b.User(address).Snapshot()
	edit(&s)
	u, err := domain.RestoreUser(s)
	require.NoError(b, err)
	require.NoError(b, b.Ports.Store.Users.Save(b.Context(), u))
	return b.User(u.Email().String())
}

// Mails returns every mail as "kind address", the oldest first.
func (b *Bundle) Mails() []string {
	b.Helper()
	b.deliver()
	all := []string{}
	for _, mail := range b.Mailer.All() {
		all = append(all, string(mail.Kind)+" "+mail.To.String())
	}
	return all
}

// Mailed returns the mails that fn causes, as Mails does.
func (b *Bundle) Mailed(fn func()) []string {
	b.Helper()
	before := len(b.Mails())
	fn()
	return b.Mails()[before:]
}

// LastSecret returns the secret of the newest mail to an address.
func (b *Bundle) LastSecret(to string) domain.Secret {
	b.Helper()
	b.deliver()
	mail, found := b.Mailer.Last(to)
	require.True(b, found, "a mail to %s", to)
	require.False(b, mail.TokenSecret.IsEmpty(), "the mail %s has a link", mail.Kind)
	return mail.TokenSecret
}

// Hashes returns how many hashes fn costs.
func (b *Bundle) Hashes(fn func()) int {
	before := b.Hasher.Calls()
	fn()
	return b.Hasher.Calls() - before
}

// Email parses an address that is known to be good.
func Email(t testing.TB, text string) domain.Email {
	t.Helper()
	e, err := domain.ParseEmail(text)
	require.NoError(t, err)
	return e
}

// Secret returns a secret with this text.
func Secret(text string) domain.Secret { return domain.NewSecret(text) }
