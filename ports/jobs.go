package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Jobs is the durable queue for work that follows a change.
type Jobs interface {
	// Enqueue stores the intent to send a mail, in the transaction of the unit of
	// work that it belongs to. After the commit, the mail is sent at least once, or
	// given up at job.ExpiresAt. Errors: none.
	Enqueue(ctx context.Context, job MailJob) error
}

// MailJob is the intent to send one mail. It holds no secret. It holds an address
// only if there may be no account to look the address up by.
type MailJob struct {
	// Mail is the mail to send. With TokenID, it gives only the use of the token; the
	// purpose of the stored token decides which mail of that use is sent.
	Mail domain.MailKind
	// TokenID is the one-time token to arm and send. For domain.MailEmailChanging,
	// domain.MailEmailHeld and domain.MailEmailRestored, it is the token of the change
	// that the notice is about.
	TokenID domain.TokenID
	// Email is the address that a client gave in a request without a session. The
	// job issues the token when it runs, if the address has an account for it. A mail
	// without a token goes to that account; domain.MailEmailRestored,
	// domain.MailAccountDeleted and domain.MailAccountClosed go to the address itself,
	// which the account has left.
	Email string
	// UserID is the user that gets a notice, or the user of the token. An earlier release
	// that does not know the mail therefore fails, and leaves it to this one.
	UserID domain.UserID
	// Client is where the change came from that the mail reports. It is zero if staff
	// made the change, for mails that report none, and where the reader may be a stranger to
	// the client, as after a mistyped address or an undone theft.
	Client domain.Client
	// AcceptedAt is when the request was accepted; the lives of tokens count
	// from it.
	AcceptedAt time.Time
	// Bulk is true for one of the many mails of an import. Bulk mails leave one at a time
	// from each process, and no other mail waits for them.
	Bulk bool
	// Failures is how often the mail could not be sent so far. The queue sets it.
	Failures int
	// ExpiresAt is when the queue gives the mail up, because it is no longer useful.
	ExpiresAt time.Time
}

// NoticeLife is how long the service tries to deliver a notice.
const NoticeLife = 24 * time.Hour

// CleanUpCommand removes ended sessions, tokens, events, counts and unconfirmed second factors
// after their retention, in small batches, and seals secrets with the current data key.
type CleanUpCommand struct{}

// CleanUpResult counts the rows removed, and those sealed anew.
type CleanUpResult struct {
	// Registrations counts accounts that nobody confirmed.
	Registrations int
	Sessions      int
	Tokens        int
	// Events counts entries of the audit log. Limits counts the counts of rate limits.
	Events int
	Limits int
	// Failures counts counts of wrong passwords in a row.
	Failures int
	// Factors counts second factors that no code confirmed.
	Factors int
	// Resealed counts factors whose secret is sealed with the current data key since; they stay.
	Resealed int
}
