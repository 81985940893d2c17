package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ListActivity shows callers what happened to their own account.
type ListActivity struct{ d Dependencies }

// NewListActivity returns the use case.
func NewListActivity(d Dependencies) *ListActivity { return &ListActivity{d} }

// Execute returns a page, the newest events first. Of somebody else who acted
// it shows no more than that. Errors: domain.ErrInvalidParameter,
// domain.ErrInvalidCursor, domain.ErrUnauthenticated.
func (uc *ListActivity) Execute(ctx context.Context, cmd ports.ListActivityCommand) (ports.EventsResult, error) {
	user, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.EventsResult{}, err
	}
	limit, err := pageSize(cmd.Limit)
	if err != nil {
		return ports.EventsResult{}, err
	}
	return uc.d.activityPage(ctx, user.ID(), limit, cmd.Cursor)
}

// activityPage returns a page of what happened to a user, as the user may see it.
func (d Dependencies) activityPage(ctx context.Context, id domain.UserID, limit int, cursor string) (ports.EventsResult, error) {
	result, err := d.eventsPage(ctx, ports.AuditQuery{SubjectID: id, Limit: limit}, cursor)
	for i, event := range result.Events {
		result.Events[i] = event.ForSubject()
	}
	return result, err
}
