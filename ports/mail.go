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
	// ErrMailRejected if trying again cannot help; any other error may pass.
	Send(ctx context.Context, mail Mail) error
}

// ErrMailRejected is a mail that a server refused for good.
var ErrMailRejected = errors.New("the mail was rejected for good")

// Mail is what a mail says; the mailer decides how.
type Mail struct {
	Kind domain.MailKind
	To   domain.Email
	// TokenSecret goes into the link, for the kinds that have one.
	TokenSecret domain.Secret
	// ExpiresAt is when the link stops working.
	ExpiresAt time.Time
	// NewEmail is the address the account is to move to, for domain.MailEmailChanging.
	NewEmail domain.Email
}

// CaughtMail is a rendered mail that was kept instead of sent.
type CaughtMail struct {
	// At is when it was caught.
	At      time.Time
	Kind    domain.MailKind
	To      string
	Subject string
	Text    string
	HTML    string
	// Link is the mail's link, or empty.
	Link string
}

// Mailbox shows caught mails, where there is no mail server.
type Mailbox interface {
	// Mails returns the most recent mails, the newest first. Errors: none.
	Mails() []CaughtMail
}
