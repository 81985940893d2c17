package ports

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Mailer sends mails.
type Mailer interface {
	// Send renders the mail and hands it to the next mail server. Errors:
	// ErrMailRejected if a retry cannot help. After any other error, a retry may help.
	Send(ctx context.Context, mail Mail) error
}

// ErrMailRejected is a mail that a server refused permanently.
var ErrMailRejected = errors.New("the mail was rejected for good")

// Mail is the content of a mail. The mailer decides on the words.
type Mail struct {
	Kind domain.MailKind
	To   domain.Email
	// TokenSecret goes into the link, for the kinds with a link.
	TokenSecret domain.Secret
	// ExpiresAt is when the link stops working.
	ExpiresAt time.Time
	// NewEmail is the address the account is to move to, for domain.MailEmailChanging.
	NewEmail domain.Email
}

// CaughtMail is a rendered mail that the service kept instead of sending it.
type CaughtMail struct {
	// At is when the service caught it.
	At      time.Time
	Kind    domain.MailKind
	To      string
	Subject string
	Text    string
	HTML    string
	// Link is the mail's link. It is empty for a notice.
	Link string
}

// Mailbox returns caught mails. It replaces a mail server in development.
type Mailbox interface {
	// Mails returns the most recent mails, the newest first. Errors: none.
	Mails() []CaughtMail
}
