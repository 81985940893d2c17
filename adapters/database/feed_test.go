package database_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// A follower of the feed gets an event whose transaction commits after later events were read,
// although the event is older and its replica's clock is behind.
func TestFeed_MissesNoEventThatCommitsLate(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	at := time.Date(2026, time.January, 15, 9, 0, 0, 0, time.UTC)
	event := func(ago time.Duration) domain.Event {
		return domain.NewEvent(newID(), domain.EventLoggedIn, domain.Client{}, "", at.Add(-ago)).About(newID())
	}
	read := func(after int64) (ids []domain.EventID, position int64) {
		require.NoError(t, f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			page, err := r.Audit.Feed(ctx, ports.FeedQuery{Limit: 10, After: after})
			position = page.Position
			for _, e := range page.Events {
				ids = append(ids, e.Event.ID)
			}
			return err
		}))
		return ids, position
	}
	late, early := event(time.Hour), event(0)
	recorded, commit, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- f.Do(context.Background(), func(ctx context.Context, r ports.Repositories) error {
			err := r.Audit.Append(ctx, late)
			close(recorded)
			<-commit
			return err
		})
	}()
	<-recorded
	require.NoError(t, f.Repositories().Audit.Append(t.Context(), early))
	ids, position := read(0)
	assert.Equal(t, []domain.EventID{early.ID}, ids)
	close(commit)
	require.NoError(t, <-done)
	ids, position = read(position)
	assert.Equal(t, []domain.EventID{late.ID}, ids)
	ids, _ = read(position)
	assert.Empty(t, ids)
}

// Two followers at once give each event one position, in one order.
func TestFeed_FollowersAtOnceSeeTheSameOrder(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			const many = 40
			orders := make(chan []domain.EventID, 2)
			for range 2 {
				go func() {
					var order []domain.EventID
					var after int64
					for len(order) < many && t.Context().Err() == nil {
						err := f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
							page, err := r.Audit.Feed(ctx, ports.FeedQuery{Limit: 7, After: after})
							if err != nil {
								return err
							}
							after = page.Position
							for _, e := range page.Events {
								order = append(order, e.Event.ID)
							}
							return nil
						})
						if !assert.NoError(t, err) {
							break
						}
					}
					orders <- order
				}()
			}
			for i := range many {
				at := time.Date(2026, time.January, 15, 9, 0, -i, 0, time.UTC)
				require.NoError(t, f.Repositories().Audit.Append(t.Context(), domain.NewEvent(newID(), domain.EventLoggedIn, domain.Client{}, "", at)))
			}
			first, second := <-orders, <-orders
			assert.Len(t, first, many)
			assert.Equal(t, first, second)
		})
	}
}
