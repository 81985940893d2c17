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
// cursor is empty. Errors: domain.ErrInvalidCursor, domain.ErrTooBroad.
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
	q.Limit++
	page, err := p.Store.Audit.List(ctx, q)
	if err != nil {
		return ports.EventsResult{}, err
	}
	events, next, err := kit.CutPage(page, size, q.Older == nil, keyOf)
	if err != nil || next == nil {
		return ports.EventsResult{Events: events}, err
	}
	return ports.EventsResult{Events: events, NextCursor: kit.EncodeCursor(kit.Place{At: next.At, ID: next.ID}, fingerprint)}, nil
}

// keyOf returns the place of an event in the log.
func keyOf(event domain.Event) ports.AuditKey { return ports.AuditKey{At: event.At, ID: event.ID} }

// auditFingerprint returns a text that names the filters of a query.
func auditFingerprint(q ports.AuditQuery) string {
	return fmt.Sprintf("audit %s %s %s %d %d", q.SubjectID, q.ActorID, q.Type, q.After.UnixMicro(), q.Before.UnixMicro())
}
