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
	Kind MailKind
	To   domain.Email
	// Token goes into the link, for the kinds that have one.
	Token domain.Secret
	// ExpiresAt is when the link stops working.
	ExpiresAt time.Time
	// NewEmail is the address the account is to move to, for MailEmailChanging.
	NewEmail domain.Email
}

// MailKind says which mail it is.
type MailKind string

// Mails with a link.
const (
	MailVerifyEmail   MailKind = "verify_email"
	MailChangeEmail   MailKind = "change_email"
	MailResetPassword MailKind = "reset_password"
	MailInvitation    MailKind = "invitation"
)

// Notices.
const (
	// MailPasswordChanged: the password was changed or reset.
	MailPasswordChanged MailKind = "password_changed"
	// MailEmailTaken: somebody tried to register with, or to move an account
	// to, an address that has an account.
	MailEmailTaken MailKind = "email_taken"
	// MailEmailChanging: an address change was requested; goes to the old one.
	MailEmailChanging MailKind = "email_changing"
	// MailSessionReused: a session was ended since an old refresh token was
	// used again.
	MailSessionReused MailKind = "session_reused"
)

// CaughtMail is a rendered mail that was kept instead of sent.
type CaughtMail struct {
	// At is when it was caught.
	At      time.Time
	Kind    MailKind
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
