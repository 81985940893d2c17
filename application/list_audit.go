package application

import (
	"context"
	"fmt"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ListAudit shows an administrator the audit log, page by page.
type ListAudit struct{ d Dependencies }

// NewListAudit returns the use case.
func NewListAudit(d Dependencies) *ListAudit { return &ListAudit{d} }

// Execute returns a page, the newest events first. Errors:
// domain.ErrInvalidParameter, domain.ErrInvalidCursor, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *ListAudit) Execute(ctx context.Context, cmd ports.ListAuditCommand) (ports.EventsResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionReadAudit); err != nil {
		return ports.EventsResult{}, err
	}
	q, err := parseAuditQuery(cmd)
	if err != nil {
		return ports.EventsResult{}, err
	}
	return uc.d.eventsPage(ctx, q, cmd.Cursor)
}

func parseAuditQuery(cmd ports.ListAuditCommand) (q ports.AuditQuery, err error) {
	if q.Limit, err = pageSize(cmd.Limit); err != nil {
		return q, err
	}
	if q.SubjectID, err = parseUserFilter("subject_id", cmd.SubjectID); err != nil {
		return q, err
	}
	if q.ActorID, err = parseUserFilter("actor_id", cmd.ActorID); err != nil {
		return q, err
	}
	if cmd.Type != "" {
		if q.Type, err = domain.ParseEventType(cmd.Type); err != nil {
			return q, err
		}
	}
	if q.After, err = parseTime("created_after", cmd.CreatedAfter); err != nil {
		return q, err
	}
	q.Before, err = parseTime("created_before", cmd.CreatedBefore)
	return q, err
}

// parseUserFilter reads a filter by user. What is no identifier is refused
// rather than found nowhere, so that a typo is noticed.
func parseUserFilter(name, s string) (domain.UserID, error) {
	if s == "" {
		return domain.UserID{}, nil
	}
	id, err := domain.ParseUserID(s)
	if err != nil {
		return id, invalidParameter(name, name+" must be the identifier of a user.")
	}
	return id, nil
}

// eventsPage returns the page of q that follows a cursor; an empty one begins.
func (d Dependencies) eventsPage(ctx context.Context, q ports.AuditQuery, cursor string) (ports.EventsResult, error) {
	fingerprint := auditFingerprint(q)
	if cursor != "" {
		place, err := decodeCursor(cursor, fingerprint)
		if err != nil {
			return ports.EventsResult{}, err
		}
		if place.text != "" {
			return ports.EventsResult{}, domain.ErrInvalidCursor
		}
		q.Older = &ports.AuditKey{At: place.at, ID: place.id}
	}
	size := q.Limit
	q.Limit++ // one more tells whether there is a next page
	events, err := d.Stores.Audit.List(ctx, q)
	if err != nil || len(events) <= size {
		return ports.EventsResult{Events: events}, err
	}
	events = events[:size]
	last := events[size-1]
	return ports.EventsResult{Events: events, NextCursor: encodeCursor(place{at: last.At, id: last.ID}, fingerprint)}, nil
}

// auditFingerprint names the filters of a query.
func auditFingerprint(q ports.AuditQuery) string {
	return fmt.Sprintf("audit %s %s %s %d %d", q.SubjectID, q.ActorID, q.Type, q.After.UnixMicro(), q.Before.UnixMicro())
}
