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
	// Mail is the mail to send. With TokenID it stands for its use: which of the
	// mails of that use it is, the stored token knows.
	Mail domain.MailKind
	// TokenID is the one-time token to arm and send; for
	// domain.MailEmailChanging, the change that the notice is about.
	TokenID domain.TokenID
	// Email is the address that was typed into a request without a session. The
	// token is issued when the job runs, if the address has an account for it.
	Email string
	// UserID is the user who gets a notice.
	UserID domain.UserID
	// AcceptedAt is when the request was accepted; the lives of tokens count
	// from it.
	AcceptedAt time.Time
	// ExpiresAt is when the mail is of no use any more and is given up.
	ExpiresAt time.Time
}

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
