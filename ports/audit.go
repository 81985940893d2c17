package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// AuditLog stores events. An event is appended in the transaction of the change
// that it records. Only Erase changes a stored event.
type AuditLog interface {
	// Append stores events, all or none, in one call of the store. Errors: none.
	Append(ctx context.Context, events ...domain.Event) error
	// List returns the events of a page, the newest first (equal times by
	// descending id), at most q.Limit, or fewer as MaxCandidates says. Errors:
	// none.
	List(ctx context.Context, q AuditQuery) (EventPage, error)
	// Feed returns a page of all events in the order in which readers of the feed first found
	// them. It runs in a unit of work, because it gives positions to the events that no reader
	// has found yet, at most FeedBatch of them. Errors: none.
	Feed(ctx context.Context, q FeedQuery) (FeedPage, error)
	// Erase blanks the reasons of the events about the user, and the address and user agent of the events that the user caused
	// and that concern no other user: those with the user as actor that are about the
	// user or about no user, and those about the user that have neither an actor nor
	// the operator as the cause. The acts on others keep both, because those users
	// may have to prove what was done to them. Errors: none.
	Erase(ctx context.Context, id domain.UserID) error
	// DeleteBefore removes at most limit events older than t, the oldest first, and
	// returns their number. Errors: none.
	DeleteBefore(ctx context.Context, t time.Time, limit int) (int, error)
}

// AuditQuery selects a page of events. Zero values do not filter.
type AuditQuery struct {
	Limit     int
	SubjectID domain.UserID
	ActorID   domain.UserID
	Type      domain.EventType
	// ExceptDetail leaves out the events with this Detail.
	ExceptDetail string
	// After and Before bound the time of the event. After is inclusive and Before
	// exclusive, so that neighbouring ranges share no event and miss none.
	After  time.Time
	Before time.Time
	// Older is the last event of the page before, or the place where its search stopped. It
	// is nil for the first page.
	Older *AuditKey
}

// FeedBatch is how many events get a position at most in one call of AuditLog.Feed.
const FeedBatch = 100

// FeedQuery selects a page of the feed of events.
type FeedQuery struct {
	Limit int
	// After is the position after which the page begins. The first position is 1.
	After int64
	// Types are the types of events to return. All are returned if it is empty.
	Types []domain.EventType
}

// FeedPage is a page of the feed of events.
type FeedPage struct {
	// Events come in the order of their positions, at most FeedQuery.Limit.
	Events []FeedEvent
	// Position is the place where the search ended: the next page begins after it. It is
	// FeedQuery.After if no event comes after that.
	Position int64
	// Last is the position that was given last. No event has a higher one.
	Last int64
	// More is true if events may follow Position now.
	More bool
}

// FeedEvent is an event with its position in the feed. Positions rise and never change. They
// have gaps where old events were removed.
type FeedEvent struct {
	Position int64
	Event    domain.Event
}

// AuditKey is an event's place in the log.
type AuditKey struct {
	At time.Time
	ID domain.EventID
}

// Origin is where a command came from. The zero Origin is a caller in the same
// process, which no rate limit by address counts.
type Origin struct {
	Client domain.Client
	// RequestID names the request in logs, at most 64 characters.
	RequestID string
}

// ListAuditCommand asks for an administrator's view of the audit log. Filters are
// optional and carry the text as it arrived. An empty string means no filter.
type ListAuditCommand struct {
	Principal domain.Principal
	// Limit is the size of the page: 1 to 200, zero for 50.
	Limit int
	// Cursor is the NextCursor of the page before. It is valid only with the same
	// filters.
	Cursor string
	// SubjectID and ActorID are users' identifiers.
	SubjectID string
	ActorID   string
	// Type is the name of a domain.EventType.
	Type string
	// CreatedAfter (inclusive) and CreatedBefore (exclusive) are RFC 3339 times.
	CreatedAfter  string
	CreatedBefore string
}

// EventsResult is a page of events, the newest first.
type EventsResult struct {
	Events []domain.Event
	// NextCursor is empty on the last page, and on no other, however few events a page has.
	NextCursor string
}

// FeedAuditCommand asks for the events that come after a position of the feed.
type FeedAuditCommand struct {
	Principal domain.Principal
	// Limit is the size of the page: 1 to 200, zero for 50.
	Limit int
	// After is the FeedResult.Position of the page before, or zero for the first page.
	After int64
	// Types are names of domain.EventType. All types are returned if it is empty.
	Types []string
}

// FeedResult is a page of the feed.
type FeedResult = FeedPage

// ListActivityCommand asks for the events about the caller's own account.
type ListActivityCommand struct {
	Principal domain.Principal
	// Limit is the size of the page: 1 to 200, zero for 50.
	Limit  int
	Cursor string
}

// ExportAccountCommand asks for all data that is stored about the caller.
type ExportAccountCommand struct {
	Principal domain.Principal
	Origin    Origin
}

// ExportAccountResult is all data that is stored about a user, without secrets and
// their hashes.
type ExportAccountResult struct {
	User     *domain.User
	Metadata *domain.Metadata
	// Sessions are the stored sessions, live and ended.
	Sessions []*domain.Session
	// Tokens are the one-time tokens mailed to the user.
	Tokens []*domain.Token
	// Factors are the confirmed second factors and the number of recovery codes left.
	Factors FactorsResult
	// Events are the events about the user, as ListActivity shows them, and the
	// events in which the user acted on other users. They come newest first, at most
	// 10,000 of each sort.
	Events []domain.Event
	// EventsTruncated is true if there are older events. ListActivity shows them.
	EventsTruncated bool
}
