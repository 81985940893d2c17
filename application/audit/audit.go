// Package audit returns events of the audit log: all events to administrators, and
// the events about their own account to users.
package audit

import (
	"context"
	"fmt"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Ports are the driven ports of the package.
type Ports struct {
	Store ports.Store
	Clock ports.Clock
	IDs   ports.IDs
}

// eventsPage returns the page of q that follows a cursor, or the first page if the
// cursor is empty. Errors: domain.ErrInvalidCursor.
func (p Ports) eventsPage(ctx context.Context, q ports.AuditQuery, cursor string) (ports.EventsResult, error) {
	fingerprint := auditFingerprint(q)
	if cursor != "" {
		place, err := kit.DecodeCursor(cursor, fingerprint)
		if err != nil {
			return ports.EventsResult{}, err
		}
		if place.Text != "" {
			return ports.EventsResult{}, domain.ErrInvalidCursor
		}
		q.Older = &ports.AuditKey{At: place.At, ID: place.ID}
	}
	size := q.Limit
	q.Limit++ // one more event means that there is a next page
	events, err := p.Store.Audit.List(ctx, q)
	if err != nil || len(events) <= size {
		return ports.EventsResult{Events: events}, err
	}
	events = events[:size]
	last := events[size-1]
	return ports.EventsResult{Events: events, NextCursor: kit.EncodeCursor(kit.Place{At: last.At, ID: last.ID}, fingerprint)}, nil
}

// auditFingerprint returns a text that names the filters of a query.
func auditFingerprint(q ports.AuditQuery) string {
	return fmt.Sprintf("audit %s %s %s %d %d", q.SubjectID, q.ActorID, q.Type, q.After.UnixMicro(), q.Before.UnixMicro())
}
