package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Feed implements ports.AuditLog.
func (r audit) Feed(ctx context.Context, q ports.FeedQuery) (page ports.FeedPage, err error) {
	err = r.in.call(ctx, writing, func(u *unit) error {
		if page = u.feedPage(q); page.More {
			return nil
		}
		if given := u.givePositions(); given > 0 {
			page = u.feedPage(q)
			page.More = page.More || given == ports.FeedBatch
		}
		return nil
	})
	return page, err
}

// feedPage returns a page of the events that have positions.
func (u *unit) feedPage(q ports.FeedQuery) ports.FeedPage {
	page := ports.FeedPage{Events: []ports.FeedEvent{}, Position: q.After, Last: u.data.lastPosition}
	var candidates []ports.FeedEvent
	for id, position := range u.data.positions {
		if position > q.After {
			candidates = append(candidates, ports.FeedEvent{Position: position, Event: u.data.events[id]})
		}
	}
	slices.SortFunc(candidates, func(a, b ports.FeedEvent) int { return cmp.Compare(a.Position, b.Position) })
	for i, candidate := range candidates {
		if page.More = len(page.Events) == q.Limit || len(q.Types) > 0 && i == ports.MaxCandidates; page.More {
			return page
		}
		page.Position = candidate.Position
		if len(q.Types) == 0 || slices.Contains(q.Types, candidate.Event.Type) {
			page.Events = append(page.Events, candidate)
		}
	}
	page.More = len(page.Events) == q.Limit
	return page
}

// givePositions gives positions to the oldest events that have none, at most
// ports.FeedBatch, and returns their number.
func (u *unit) givePositions() int {
	var unread []domain.Event
	for id, event := range u.data.events {
		if _, found := u.data.positions[id]; !found {
			unread = append(unread, event)
		}
	}
	slices.SortFunc(unread, func(a, b domain.Event) int { return newestEventFirst(b, a) })
	unread = unread[:min(len(unread), ports.FeedBatch)]
	last := u.data.lastPosition
	u.remember(func() { u.data.lastPosition = last })
	for _, event := range unread {
		u.data.lastPosition++
		set(u, u.data.positions, event.ID, u.data.lastPosition)
	}
	return len(unread)
}
