package audit

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ListAudit returns the audit log to an administrator, page by page.
type ListAudit struct {
	p     Ports
	lives domain.SessionLives
}

// NewListAudit returns the use case. lives are how long sessions last.
func NewListAudit(p Ports, lives domain.SessionLives) *ListAudit { return &ListAudit{p, lives} }

// Execute returns a page, the newest events first. Replays of the caller's own session
// appear once the grace interval is over, as in ListActivity. Errors:
// domain.ErrInvalidParameter, domain.ErrInvalidCursor, domain.ErrTooBroad, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *ListAudit) Execute(ctx context.Context, cmd ports.ListAuditCommand) (ports.EventsResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionReadAudit); err != nil {
		return ports.EventsResult{}, err
	}
	q, err := parseAuditQuery(cmd)
	if err != nil {
		return ports.EventsResult{}, err
	}
	result, err := uc.p.eventsPage(ctx, q, cmd.Cursor)
	result.Events = kit.WithoutFreshReplays(result.Events, cmd.Principal, uc.lives, uc.p.Clock.Now())
	return result, err
}

func parseAuditQuery(cmd ports.ListAuditCommand) (q ports.AuditQuery, err error) {
	if q.Limit, err = kit.PageSize(cmd.Limit); err != nil {
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
	if q.After, err = kit.ParseTime("created_after", cmd.CreatedAfter); err != nil {
		return q, err
	}
	q.Before, err = kit.ParseTime("created_before", cmd.CreatedBefore)
	return q, err
}

// parseUserFilter returns the user of a filter; zero for an empty text. It refuses a
// malformed identifier, so that the caller notices a typo instead of getting an
// empty page.
func parseUserFilter(name, s string) (domain.UserID, error) {
	if s == "" {
		return domain.UserID{}, nil
	}
	id, err := domain.ParseUserID(s)
	if err != nil {
		return id, kit.InvalidParameter(name, name+" must be the identifier of a user.")
	}
	return id, nil
}
