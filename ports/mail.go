package ports

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Mailer sends mails.
type Mailer interface {
	// Send renders the mail and hands it to the next mail server. It returns the server's
	// answer, as MailRefusal.Answer. Errors:
	// ErrMailRejected if a retry cannot help; *MailRefusal, also around ErrMailRejected, if
	// the server answered. After any other error than ErrMailRejected, a retry may help.
	Send(ctx context.Context, mail Mail) (answer string, err error)
}

// ErrMailRejected is a mail whose recipient's address does not exist.
var ErrMailRejected = errors.New("the mail was rejected for good")

// ErrMailUnrecorded is a mail whose outcome could not be recorded. The outcome stands, so the
// queue must not send the mail again because of it.
var ErrMailUnrecorded = errors.New("the outcome of a mail was not recorded")

// MailRefusal is a refusal by the mail server. Unless it wraps ErrMailRejected, it passes once
// the operator, or time, has mended its cause: the mail waits. It is an error.
type MailRefusal struct {
	// Step is what the server refused.
	Step string
	// Answer is the server's answer: its code and words, without those that may name a
	// person or a link.
	Answer string
	// Err is the cause.
	Err error
}

// Error returns the step and the answer.
func (r *MailRefusal) Error() string { return "the mail server refused " + r.Step + ": " + r.Answer }

// Unwrap returns the cause.
func (r *MailRefusal) Unwrap() error { return r.Err }

// Mail is the content of a mail. The mailer decides on the words.
type Mail struct {
	Kind domain.MailKind
	To   domain.Email
	// TokenSecret goes into the link, for the kinds with a link.
	TokenSecret domain.Secret
	// ExpiresAt is when the link stops working.
	ExpiresAt time.Time
	// NewEmail is the address the account is to move to, for domain.MailEmailChanging,
	// or has moved to, for domain.MailUndoEmail.
	NewEmail domain.Email
	// Account is the present address of the account that a change of address is for, for
	// domain.MailChangeEmail, and the address that it went back to, for
	// domain.MailEmailRestored. The mail goes to a person who may be a stranger to the
	// account, so the mailer shows it masked (domain.Email.Masked).
	Account domain.Email
	// NoPassword is true if the account has no password, for domain.MailResetPassword: the
	// former one was removed, or there was never one.
	NoPassword bool
	// At is when the reported change or attempt happened. It is zero in mails that a
	// client requested.
	At time.Time
	// Client is where it came from. It may be zero; see MailJob.
	Client domain.Client
	// CodesLeft is how many recovery codes are left, for domain.MailRecoveryCodeUsed.
	CodesLeft int
	// Role is the role that the user acts with, for domain.MailRoleChanged.
	Role domain.Role
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
