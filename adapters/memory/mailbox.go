package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/seed543b3b27/auth-service/ports"
)

// Mailbox is a mailer that keeps what it is given, as it was said and not as it
// would be rendered.
type Mailbox struct {
	mu      sync.Mutex
	mails   []ports.Mail
	failure error
}

var _ ports.Mailer = (*Mailbox)(nil)

// NewMailbox returns an empty mailbox.
func NewMailbox() *Mailbox { return &Mailbox{} }

// Send keeps the mail. Errors: the one that was set by Fail.
func (m *Mailbox) Send(ctx context.Context, mail ports.Mail) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failure != nil {
		return m.failure
	}
	m.mails = append(m.mails, mail)
	return nil
}

// Fail makes sending fail with err until it is called with nil. An err that
// wraps ports.ErrMailRejected is a refusal for good.
func (m *Mailbox) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failure = err
}

// Last returns the newest mail to an address in its canonical form, if any.
func (m *Mailbox) Last(to string) (ports.Mail, bool) {
	for _, mail := range slices.Backward(m.All()) {
		if mail.To.String() == to {
			return mail, true
		}
	}
	return ports.Mail{}, false
}

// All returns every mail, the oldest first.
func (m *Mailbox) All() []ports.Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}
