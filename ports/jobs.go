package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Jobs is the durable queue for work that follows a change.
type Jobs interface {
	// Enqueue stores the intent to send a mail, in the transaction of the unit
	// of work it belongs to. Once that commits, the mail is sent at least once
	// or given up at job.ExpiresAt. Errors: none.
	Enqueue(ctx context.Context, job MailJob) error
}

// MailJob is the intent to send one mail. It holds no secret, and an address
// only where there may be no account to look it up by.
type MailJob struct {
	Kind MailJobKind
	// Use and TokenID name the one-time token: for JobTokenMail the one to arm
	// and send, for a JobNotice of MailEmailChanging the change it is about.
	Use     domain.TokenUse
	TokenID domain.TokenID
	// Email is the address that was typed, for JobResetRequest and
	// JobVerificationRequest.
	Email string
	// UserID and Notice are for JobNotice; it goes to the user's address.
	UserID domain.UserID
	Notice MailKind
	// AcceptedAt is when the request was accepted; the lives of tokens count
	// from it.
	AcceptedAt time.Time
	// ExpiresAt is when the mail is of no use any more and is given up.
	ExpiresAt time.Time
}

// MailJobKind says what a MailJob is to do.
type MailJobKind string

// The kinds of mail jobs.
const (
	// JobTokenMail arms a stored token and sends it.
	JobTokenMail MailJobKind = "token_mail"
	// JobResetRequest issues a reset token, if the address has an active
	// account, and enqueues its JobTokenMail.
	JobResetRequest MailJobKind = "reset_request"
	// JobVerificationRequest issues a verification token, if the address has
	// an active account that is not verified, and enqueues its JobTokenMail.
	JobVerificationRequest MailJobKind = "verification_request"
	// JobNotice tells a user what happened.
	JobNotice MailJobKind = "notice"
)

// NoticeLife is how long a notice is tried to be delivered.
const NoticeLife = 24 * time.Hour

// CleanUpCommand removes what has been over for a while, in small batches.
type CleanUpCommand struct{}

// CleanUpResult counts the rows removed.
type CleanUpResult struct {
	Sessions int
	Tokens   int
	// Events are entries of the audit log, Limits counts of rate limits.
	Events int
	Limits int
}
