package audit

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// FeedAudit returns the audit log to staff and the operator, the oldest events first, so that
// other software can follow it.
type FeedAudit struct {
	p     Ports
	lives domain.SessionLives
}

// NewFeedAudit returns the use case. lives are how long sessions last.
func NewFeedAudit(p Ports, lives domain.SessionLives) *FeedAudit { return &FeedAudit{p, lives} }

// Execute returns the page after a position. A reader that goes on from the position of each
// page gets every event once, however late its transaction commits and whatever the clocks of
// the replicas say. A page ends before a fresh replay of the caller's own session, which
// ListAudit leaves out. Errors: domain.ErrInvalidParameter, also for a position that the feed
// has not reached, domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *FeedAudit) Execute(ctx context.Context, cmd ports.FeedAuditCommand) (result ports.FeedResult, err error) {
	if err := cmd.Principal.Allows(domain.PermissionReadAudit); err != nil {
		return result, err
	}
	q, err := parseFeedQuery(cmd)
	if err != nil {
		return result, err
	}
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) (err error) {
		result, err = r.Audit.Feed(ctx, q)
		return err
	})
	if err != nil {
		return ports.FeedResult{}, err
	}
	if q.After > result.Last {
		return ports.FeedResult{}, beyondFeed(result.Last)
	}
	fresh := kit.FreshReplay(cmd.Principal, uc.lives, uc.p.Clock.Now())
	if i := slices.IndexFunc(result.Events, func(e ports.FeedEvent) bool { return fresh(e.Event) }); i >= 0 {
		result.Position, result.More = result.Events[i].Position-1, false
		result.Events = result.Events[:i]
	}
	return result, nil
}

// beyondFeed refuses a position that the feed has not reached, which a reader has after the
// database was restored from a backup. Events would be missed until the feed reaches it.
func beyondFeed(last int64) error {
	return kit.InvalidParameter("after", fmt.Sprintf("The log ends at position %d, because its database is another one or was restored from a backup. "+
		"Go on after %d, or after 0 to read everything.", last, last))
}

func parseFeedQuery(cmd ports.FeedAuditCommand) (q ports.FeedQuery, err error) {
	if q.Limit, err = kit.PageSize(cmd.Limit); err != nil {
		return q, err
	}
	if cmd.After < 0 {
		return q, kit.InvalidParameter("after", "after must be a position that an earlier page named, or 0, not "+strconv.FormatInt(cmd.After, 10)+".")
	}
	q.After = cmd.After
	for _, name := range cmd.Types {
		parsed, err := domain.ParseEventType(name)
		if err != nil {
			return q, err
		}
		if !slices.Contains(q.Types, parsed) {
			q.Types = append(q.Types, parsed)
		}
	}
	return q, nil
}
