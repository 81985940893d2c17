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

// A reader of the feed that meets the removal of the oldest events gives the others positions
// that no later event gets again.
func TestFeed_GoesOnAfterEventsThatWereRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	start := time.Date(2026, time.January, 15, 9, 0, 0, 0, time.UTC)
	record := func(i int) domain.Event {
		event := domain.NewEvent(newID(), domain.EventLoggedIn, domain.Client{}, "", start.Add(time.Duration(i)*time.Second))
		require.NoError(t, f.Repositories().Audit.Append(t.Context(), event))
		return event
	}
	var page ports.FeedPage
	read := func(after int64) error {
		return f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
			page, err = r.Audit.Feed(ctx, ports.FeedQuery{Limit: 10, After: after})
			return err
		})
	}
	record(0)
	second, third := record(1), record(2)

	tx, err := f.db.SQL().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(t.Context(), "DELETE FROM audit_events WHERE occurred_at = $1", start)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- read(0) }()
	require.Eventually(t, func() bool {
		var waiting bool
		err := f.db.SQL().QueryRowContext(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')").Scan(&waiting)
		return err == nil && waiting
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, tx.Commit())
	require.NoError(t, <-done)
	events := func() (ids []domain.EventID) {
		for _, e := range page.Events {
			ids = append(ids, e.Event.ID)
		}
		return ids
	}
	assert.Equal(t, []domain.EventID{second.ID, third.ID}, events())

	fourth := record(3)
	require.NoError(t, read(page.Position))
	assert.Equal(t, []domain.EventID{fourth.ID}, events())
	assert.Equal(t, page.Last, page.Position)
}
