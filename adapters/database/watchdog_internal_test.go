package database

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWatchdog_EachStatementHasADeadline(t *testing.T) {
	t.Parallel()
	w := &watchdog{}
	began := time.Now()
	ctx := w.TraceQueryStart(context.Background(), nil, pgx.TraceQueryStartData{})
	deadline, set := ctx.Deadline()
	require.True(t, set)
	assert.WithinRange(t, deadline, began.Add(answerTimeout), time.Now().Add(answerTimeout))
	w.TraceQueryEnd(ctx, nil, pgx.TraceQueryEndData{})
	assert.ErrorIs(t, ctx.Err(), context.Canceled, "nothing is left behind")

	own, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	assert.Equal(t, own, w.TraceQueryStart(own, nil, pgx.TraceQueryStartData{}), "the caller's own deadline stays")
}

// A read-only database must not connect anew for each write that it refuses.
func TestWatchdog_SuspectsOncePerInterval(t *testing.T) {
	t.Parallel()
	w := &watchdog{}
	w.suspect()
	require.NotZero(t, w.lost.Load())
	later := time.Now().Add(time.Hour).UnixNano()
	w.lost.Store(later)
	w.suspect()
	assert.Equal(t, later, w.lost.Load(), "too soon")
	earlier := time.Now().Add(-suspicionInterval).UnixNano()
	w.lost.Store(earlier)
	w.suspect()
	assert.Greater(t, w.lost.Load(), earlier)
}
