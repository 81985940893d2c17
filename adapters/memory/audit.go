package memory

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// errMalformedEvent is a programming error: a database would refuse the event.
var errMalformedEvent = errors.New("memory: the event is malformed")

type audit struct{ in scope }

var _ ports.AuditLog = audit{}

func (r audit) Append(ctx context.Context, events ...domain.Event) error {
	if len(events) == 0 {
		return nil
	}
	return r.in.call(ctx, writing, func(u *unit) error {
		for _, event := range events {
			if err := u.record(event); err != nil {
				return err
			}
		}
		return nil
	})
}

// record stores an event, unless a database would refuse it.
func (u *unit) record(event domain.Event) error {
	event.At = stored(event.At)
	if !wellFormed(event) {
		return u.refuse(errMalformedEvent)
	}
	if _, found := u.data.events[event.ID]; found {
		return u.refuse(errDuplicateID)
	}
	set(u, u.data.events, event.ID, event)
	return nil
}

func (r audit) List(ctx context.Context, q ports.AuditQuery) (page ports.EventPage, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		walk, sets, served := q.Sets()
		events, stopped := list[domain.Event, ports.AuditQuery]{
			rows: maps.Values(u.data.events), limit: q.Limit, walk: walk, sets: sets, served: served, in: selects,
			compare: newestEventFirst,
			matches: func(event domain.Event) bool { return selects(q, event) },
			follows: func(event domain.Event) bool { return selects(ports.AuditQuery{Older: q.Older}, event) },
		}.page()
		if stopped != nil {
			page.StoppedAt = &ports.AuditKey{At: stopped.At, ID: stopped.ID}
		}
		page.Rows = events
		return nil
	})
	return page, err
}

func (r audit) Erase(ctx context.Context, id domain.UserID) error {
	return r.in.call(ctx, writing, func(u *unit) error {
		for _, event := range u.data.events {
			before := event
			if causedBy(event, id) {
				event.Client = domain.Client{}
			}
			if !id.IsZero() && event.SubjectID == id {
				event.Reason = ""
			}
			if event != before {
				set(u, u.data.events, event.ID, event)
			}
		}
		return nil
	})
}

// causedBy reports whether an event recorded the client of a user, and is about no
// other user.
func causedBy(event domain.Event, id domain.UserID) bool {
	if event.ActorID.IsZero() {
		return !id.IsZero() && event.SubjectID == id && !event.ByOperator
	}
	return event.ActorID == id && (event.SubjectID == id || event.SubjectID.IsZero())
}

func (r audit) DeleteBefore(ctx context.Context, t time.Time, limit int) (removed int, err error) {
	err = r.in.call(ctx, writing, func(u *unit) error {
		var old []domain.Event
		for _, event := range u.data.events {
			if event.At.Before(t) {
				old = append(old, event)
			}
		}
		slices.SortFunc(old, func(a, b domain.Event) int { return newestEventFirst(b, a) })
		old = old[:min(len(old), max(limit, 0))]
		for _, event := range old {
			remove(u, u.data.events, event.ID)
			remove(u, u.data.positions, event.ID)
		}
		removed = len(old)
		return nil
	})
	return removed, err
}

// wellFormed reports whether an event satisfies the constraints of the databases.
// Above all, a detail cannot hold an address or a secret.
func wellFormed(e domain.Event) bool {
	return !e.At.IsZero() && e.Type != "" && isWord(string(e.Type)) && isWord(e.Detail) &&
		(e.Outcome == domain.OutcomeSuccess || e.Outcome == domain.OutcomeRefused) &&
		(e.ActorID.IsZero() || !e.ByOperator)
}

// maxWordLength is the length of the longest word in an event, in bytes.
const maxWordLength = 64

// isWord reports whether s is empty or consists of lower-case letters, digits and
// underscores.
func isWord(s string) bool {
	return len(s) <= maxWordLength && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
	})
}

// selects reports whether an event matches q, on this page or a later one.
func selects(q ports.AuditQuery, event domain.Event) bool {
	return (q.SubjectID.IsZero() || event.SubjectID == q.SubjectID) &&
		(q.ActorID.IsZero() || event.ActorID == q.ActorID) &&
		(q.Type == "" || event.Type == q.Type) &&
		(q.ExceptDetail == "" || event.Detail != q.ExceptDetail) &&
		(q.After.IsZero() || !event.At.Before(q.After)) &&
		(q.Before.IsZero() || event.At.Before(q.Before)) &&
		(q.Older == nil || newestEventFirst(event, domain.Event{ID: q.Older.ID, At: stored(q.Older.At)}) > 0)
}

// newestEventFirst returns a negative number if a comes before b.
func newestEventFirst(a, b domain.Event) int {
	return cmp.Or(b.At.Compare(a.At), slices.Compare(b.ID[:], a.ID[:]))
}
