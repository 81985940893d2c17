package smtp

import (
	"context"
	"slices"
	"sync"

	"github.com/seed543b3b27/auth-service/ports"
)

// mailboxSize is the number of mails that a Mailbox keeps.
const mailboxSize = 200

// Mailbox keeps the most recent 200 mails instead of sending them. It is safe for
// concurrent use.
type Mailbox struct {
	renderer *Renderer
	onMail   func(ports.CaughtMail)
	mu       sync.Mutex
	// mails holds the oldest mail first.
	mails []ports.CaughtMail
}

var (
	_ ports.Mailer  = (*Mailbox)(nil)
	_ ports.Mailbox = (*Mailbox)(nil)
)

// NewMailbox returns an empty mailbox. It calls onMail with each mail, one at a
// time, so that a console can show its link. onMail may be nil.
func NewMailbox(renderer *Renderer, onMail func(ports.CaughtMail)) *Mailbox {
	if onMail == nil {
		onMail = func(ports.CaughtMail) {}
	}
	return &Mailbox{renderer: renderer, onMail: onMail}
}

// Send renders the mail and keeps it. Errors: those of Renderer.Render.
func (b *Mailbox) Send(ctx context.Context, mail ports.Mail) (answer string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	rendered, err := b.renderer.Render(mail)
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.mails) == mailboxSize {
		b.mails = slices.Delete(b.mails, 0, 1)
	}
	b.mails = append(b.mails, rendered)
	b.onMail(rendered)
	return "kept in the local mailbox", nil
}

// Mails returns the kept mails, the newest first. Errors: none.
func (b *Mailbox) Mails() []ports.CaughtMail {
	b.mu.Lock()
	defer b.mu.Unlock()
	mails := slices.Clone(b.mails)
	slices.Reverse(mails)
	return mails
}
