package audit

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ListActivity returns the events about the caller's own account.
type ListActivity struct {
	p     Ports
	lives domain.SessionLives
}

// NewListActivity returns the use case. lives are how long sessions last.
func NewListActivity(p Ports, lives domain.SessionLives) *ListActivity {
	return &ListActivity{p, lives}
}

// hidden is the Detail of the events that their subject does not see: whether the mail of a
// requested change of address exists tells whether the new address has an account.
const hidden = string(domain.MailChangeEmail)

// Execute returns a page, the newest events first, as domain.Event.ForSubject shows
// them. Replays of the caller's own session appear once the grace interval is over, so
// that the holder of a copied token cannot time them. Errors: domain.ErrInvalidParameter,
// domain.ErrInvalidCursor, domain.ErrUnauthenticated.
func (uc *ListActivity) Execute(ctx context.Context, cmd ports.ListActivityCommand) (ports.EventsResult, error) {
	user, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.EventsResult{}, err
	}
	limit, err := kit.PageSize(cmd.Limit)
	if err != nil {
		return ports.EventsResult{}, err
	}
	result, err := uc.p.eventsPage(ctx, ports.AuditQuery{SubjectID: user.ID(), ExceptDetail: hidden, Limit: limit}, cmd.Cursor)
	result.Events = kit.WithoutFreshReplays(result.Events, cmd.Principal, uc.lives, uc.p.Clock.Now())
	for i, event := range result.Events {
		result.Events[i] = event.ForSubject()
	}
	return result, err
}
