package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// AuditLog keeps what happened. Entries are appended in the transaction of what
// they record and never changed, but for EraseClient.
type AuditLog interface {
	// Append stores an event. Errors: none.
	Append(ctx context.Context, event domain.Event) error
	// List returns the events of a page, the newest first (equal times by
	// descending id), at most q.Limit. Errors: none.
	List(ctx context.Context, q AuditQuery) ([]domain.Event, error)
	// EraseClient blanks the address and user agent of the events that a user
	// caused: those with the user as actor, and those about the user that
	// nobody signed in and no operator caused. Errors: none.
	EraseClient(ctx context.Context, id domain.UserID) error
	// DeleteBefore removes at most limit events older than t, the oldest first,
	// and returns how many. Errors: none.
	DeleteBefore(ctx context.Context, t time.Time, limit int) (int, error)
}

// AuditQuery selects a page of events. Zero values do not filter.
type AuditQuery struct {
	Limit     int
	SubjectID domain.UserID
	ActorID   domain.UserID
	Type      domain.EventType
	// After and Before bound the time of the event and are exclusive.
	After  time.Time
	Before time.Time
	// Older is the last event of the page before; nil for the first page.
	Older *AuditKey
}

// AuditKey is an event's place in the log.
type AuditKey struct {
	At time.Time
	ID domain.EventID
}

// Origin says where a command came from. The zero Origin is a caller in the
// same process, whose address counts against no limit.
type Origin struct {
	Client domain.Client
	// RequestID names the request in logs, at most 64 characters.
	RequestID string
}

// ListAuditCommand asks an administrator's view of the audit log. Every filter
// is optional and given as it arrived; an empty string means no filter.
type ListAuditCommand struct {
	Principal domain.Principal
	// Limit is the size of the page: 1 to 200, zero for 50.
	Limit int
	// Cursor continues after the page whose NextCursor it was. It belongs to
	// the same filters.
	Cursor string
	// SubjectID and ActorID are users' identifiers.
	SubjectID string
	ActorID   string
	// Type is the name of a domain.EventType.
	Type string
	// CreatedAfter and CreatedBefore are RFC 3339 times, exclusive.
	CreatedAfter  string
	CreatedBefore string
}

// EventsResult is a page of events, the newest first.
type EventsResult struct {
	Events []domain.Event
	// NextCursor is empty on the last page.
	NextCursor string
}

// ListActivityCommand asks what happened to the caller's own account.
type ListActivityCommand struct {
	Principal domain.Principal
	// Limit is the size of the page: 1 to 200, zero for 50.
	Limit  int
	Cursor string
}

// ExportAccountCommand asks for all that is stored about the caller.
type ExportAccountCommand struct{ Principal domain.Principal }

// ExportAccountResult is all that is stored about a user, but for secrets and
// their hashes.
type ExportAccountResult struct {
	User *domain.User
	// Sessions are the live and the ended ones that are still stored.
	Sessions []*domain.Session
	// Tokens are the one-time tokens mailed to the user.
	Tokens []*domain.Token
	// Events are what the audit log has about the user, as ListActivity shows
	// it, and what the user did to others; the newest first, 10,000 of either.
	Events []domain.Event
	// EventsTruncated is whether there are older ones, which ListActivity shows.
	EventsTruncated bool
}
