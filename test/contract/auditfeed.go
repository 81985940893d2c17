package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// feed reads one page of the feed.
func (s store) feed(t testing.TB, q ports.FeedQuery) (page ports.FeedPage) {
	t.Helper()
	require.NoError(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
		page, err = r.Audit.Feed(ctx, q)
		return err
	}))
	return page
}

// follow reads the feed from a position to its end, and returns the last page, too.
func (s store) follow(t testing.TB, q ports.FeedQuery) (all []domain.Event, last ports.FeedPage) {
	t.Helper()
	for range 10_000 {
		last = s.feed(t, q)
		require.LessOrEqual(t, len(last.Events), q.Limit)
		for _, e := range last.Events {
			require.Greater(t, e.Position, q.After)
			require.LessOrEqual(t, e.Position, last.Position)
			q.After = e.Position
			all = append(all, e.Event)
		}
		q.After = last.Position
		if !last.More {
			return all, last
		}
	}
	require.Fail(t, "the feed has no end")
	return nil, last
}

func auditFeed(t *testing.T, s store) {
	page := s.feed(t, ports.FeedQuery{Limit: 10})
	assert.Empty(t, page.Events)
	assert.Equal(t, []any{int64(0), int64(0), false}, []any{page.Position, page.Last, page.More})

	second := s.addEvent(t, newID(), func(e *domain.Event) { e.At = start.Add(time.Second) })
	first := s.addEvent(t, newID())
	all, end := s.follow(t, ports.FeedQuery{Limit: 1})
	assert.Equal(t, []domain.Event{first, second}, all)

	// An event that comes late has its place at the end, whatever its time.
	late := s.addEvent(t, newID(), func(e *domain.Event) { e.At = start.Add(-time.Hour) })
	more, newEnd := s.follow(t, ports.FeedQuery{Limit: 10, After: end.Position})
	assert.Equal(t, []domain.Event{late}, more)
	assert.Greater(t, newEnd.Position, end.Position)
	again, _ := s.follow(t, ports.FeedQuery{Limit: 2})
	assert.Equal(t, []domain.Event{first, second, late}, again, "positions never change")
	beyond := s.feed(t, ports.FeedQuery{Limit: 2, After: 1_000_000})
	assert.Empty(t, beyond.Events)
	assert.Equal(t, newEnd.Position, beyond.Last)
}

func auditFeedTypes(t *testing.T, s store) {
	kinds := []domain.EventType{domain.EventLoggedIn, domain.EventLoginRefused, domain.EventLoggedOut}
	var want []domain.Event
	for i := range 12 {
		e := s.addEvent(t, newID(), func(e *domain.Event) {
			e.Type, e.Outcome, e.At = kinds[i%3], kinds[i%3].Outcome(), start.Add(time.Duration(i)*time.Second)
		})
		if i%3 != 0 {
			want = append(want, e)
		}
	}
	for _, limit := range []int{1, 3, 8, 50} {
		all, end := s.follow(t, ports.FeedQuery{Limit: limit, Types: kinds[1:]})
		assert.Equal(t, want, all, "by %d", limit)
		assert.Equal(t, end.Last, end.Position, "the reader need not look at the other events again")
	}
}

// auditFeedRollsBack proves that no position is given by a unit that does not commit.
func auditFeedRollsBack(t *testing.T, s store) {
	event := s.addEvent(t, newID())
	undone := errors.New("undone")
	require.ErrorIs(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		page, err := r.Audit.Feed(ctx, ports.FeedQuery{Limit: 10})
		require.NoError(t, err)
		assert.Len(t, page.Events, 1)
		return undone
	}), undone)
	page := s.feed(t, ports.FeedQuery{Limit: 10})
	assert.Equal(t, []ports.FeedEvent{{Position: 1, Event: event}}, page.Events)
}

func auditFeedRetention(t *testing.T, s store) {
	u := domain.UserID(newID())
	s.addEvent(t, u)
	_, end := s.follow(t, ports.FeedQuery{Limit: 10})
	removed, err := s.Repositories.Audit.DeleteBefore(t.Context(), start.Add(time.Second), 10)
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	next := s.addEvent(t, u, func(e *domain.Event) { e.At = start.Add(time.Minute) })
	page := s.feed(t, ports.FeedQuery{Limit: 10, After: end.Position})
	assert.Equal(t, []ports.FeedEvent{{Position: end.Position + 1, Event: next}}, page.Events, "no position is given twice")
	require.NoError(t, s.Repositories.Audit.Erase(t.Context(), u))
	page = s.feed(t, ports.FeedQuery{Limit: 10})
	require.Len(t, page.Events, 1)
	assert.Equal(t, end.Position+1, page.Events[0].Position, "erasing keeps the position")
}

func auditFeedMany(t *testing.T, s store) {
	const many = 2*ports.FeedBatch + 7
	rare := domain.EventUserDeleted
	require.NoError(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		events := make([]domain.Event, many)
		for i := range events {
			events[i] = newEvent(newID(), func(e *domain.Event) { e.At = start.Add(time.Duration(i) * time.Second) })
		}
		events[many-1].Type, events[many-1].Outcome = rare, rare.Outcome()
		return r.Audit.Append(ctx, events...)
	}))
	all, end := s.follow(t, ports.FeedQuery{Limit: 200, Types: []domain.EventType{rare}})
	assert.Len(t, all, 1)
	assert.Equal(t, int64(many), end.Position)
	all, _ = s.follow(t, ports.FeedQuery{Limit: 200})
	require.Len(t, all, many)
	for i, e := range all {
		require.Equal(t, start.Add(time.Duration(i)*time.Second), e.At, fmt.Sprint(i))
	}
}
