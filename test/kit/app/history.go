package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Activity lists the events of a user's own account.
func (b *Bundle) Activity(cmd ports.ListActivityCommand) (ports.EventsResult, error) {
	return b.UseCases.ListActivity.Execute(b.Context(), cmd)
}

// Export returns all that is stored about a user.
func (b *Bundle) Export(p domain.Principal) (ports.ExportAccountResult, error) {
	return b.UseCases.ExportAccount.Execute(b.Context(), ports.ExportAccountCommand{Principal: p})
}

// History records n events about a user, three in each microsecond.
func (b *Bundle) History(n int, about domain.UserID) {
	b.Helper()
	for i := range n {
		now := Start.Add(time.Duration(i/3) * time.Microsecond)
		e := domain.NewEvent(b.Ports.IDs.NewEventID(), domain.EventLoggedIn, Origin.Client, fmt.Sprintf("request-%d", i), now)
		require.NoError(b, b.Ports.Store.Audit.Append(b.Context(), e.About(about).ByOwner()))
	}
}

// Audit lists the audit log as the operator.
func (b *Bundle) Audit(cmd ports.ListAuditCommand) (ports.EventsResult, error) {
	cmd.Principal = domain.Operator()
	return b.UseCases.ListAudit.Execute(b.Context(), cmd)
}

// NewestFirst returns events in the order in which lists show them.
func NewestFirst(events []domain.Event) []domain.Event {
	events = slices.Clone(events)
	slices.Reverse(events)
	return events
}

// Entry holds the fields in which the events of one request differ.
type Entry struct {
	Type           domain.EventType
	Actor, Subject domain.UserID
	Operator       bool
	Session        domain.SessionID
	Detail         string
}

// Entries returns the events that fn causes, but for what becomes of the mails, which
// MailEvents returns. It demands that each one has a time, an outcome
// and the origin of the request, and contains no address, password or token.
func (b *Bundle) Entries(fn func()) []Entry {
	b.Helper()
	all := []Entry{}
	for _, e := range b.Recorded(fn) {
		if ofMailAlone(e) {
			b.RequireNoSecret(e)
			continue
		}
		assert.False(b, e.ID.IsZero())
		assert.Equal(b, b.Clock.Now(), e.At)
		assert.Equal(b, e.Type.Outcome(), e.Outcome)
		assert.Equal(b, b.From.Client, e.Client)
		assert.Equal(b, b.From.RequestID, e.RequestID)
		b.RequireNoSecret(e)
		all = append(all, Entry{e.Type, e.ActorID, e.SubjectID, e.ByOperator, e.SessionID, e.Detail})
	}
	return all
}

// ofMailAlone reports whether an event tells only what became of a mail.
func ofMailAlone(e domain.Event) bool {
	return e.Type.OfMail() && e.ActorID.IsZero() && !e.ByOperator
}

// WithoutMails returns the events that do not tell only what became of a mail.
func WithoutMails(events []domain.Event) []domain.Event {
	return slices.DeleteFunc(slices.Clone(events), ofMailAlone)
}

// MailEvents returns what fn makes of the mails to a user, the oldest first: the type of each
// event, the kind of the mail and the answer of the server.
func (b *Bundle) MailEvents(id domain.UserID, fn func()) []string {
	b.Helper()
	all := []string{}
	for _, e := range b.Recorded(fn) {
		if e.Type.OfMail() && e.SubjectID == id {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Type, e.Detail, e.Reason)))
		}
	}
	return all
}

// RequireNoSecret demands that an event contains no address, no password and no mailed secret.
func (b *Bundle) RequireNoSecret(e domain.Event) {
	b.Helper()
	text := fmt.Sprintf("%+v", e)
	secrets := []string{"@", "example", Password, Another}
	for _, mail := range b.Mailer.All() {
		if !mail.TokenSecret.IsEmpty() {
			secrets = append(secrets, mail.TokenSecret.Reveal())
		}
	}
	for _, s := range secrets {
		assert.NotContains(b, text, s)
	}
}

// Actor returns the user and the session of a principal.
func (b *Bundle) Actor(p domain.Principal) (domain.UserID, domain.SessionID) {
	b.Helper()
	user, session, err := p.SignedIn()
	require.NoError(b, err)
	return user.ID(), session.ID()
}

// Own returns the event of a user who acts on their own account.
func (b *Bundle) Own(t domain.EventType, address string, session domain.SessionID, detail string) Entry {
	id := b.User(address).ID()
	return Entry{Type: t, Actor: id, Subject: id, Session: session, Detail: detail}
}

// About returns the event of a request without a session.
func (b *Bundle) About(t domain.EventType, address, detail string) Entry {
	return Entry{Type: t, Subject: b.User(address).ID(), Detail: detail}
}
