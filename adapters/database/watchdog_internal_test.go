package database

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

func TestWatchdog_EachStatementHasADeadline(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), postgrestest.NewDatabase(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	w := newWatchdog()
	began := time.Now()
	ctx := w.TraceQueryStart(context.Background(), conn, pgx.TraceQueryStartData{})
	deadline, set := ctx.Deadline()
	require.True(t, set)
	assert.WithinRange(t, deadline, began.Add(answerTimeout), time.Now().Add(answerTimeout))
	w.TraceQueryEnd(ctx, conn, pgx.TraceQueryEndData{})
	require.ErrorIs(t, ctx.Err(), context.Canceled, "the deadline's context is released")

	own, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	assert.Equal(t, own, w.TraceQueryStart(own, conn, pgx.TraceQueryStartData{}), "the caller's own deadline stays")
}

// A clock that is set back by an hour must not make new connections look older
// than the last suspicion: times come from the monotonic clock.
func TestWatchdog_UsesTheMonotonicClock(t *testing.T) {
	t.Parallel()
	const reading = "m=" // how time.Time prints a monotonic reading
	w := newWatchdog()
	require.NotContains(t, w.begun.Round(0).String(), reading, "the control: one without")
	assert.Contains(t, w.begun.String(), reading)
	assert.Zero(t, w.lastAnswer())
	before := time.Now()
	w.heard(&connState{})
	assert.Contains(t, w.lastAnswer().String(), reading)
	assert.WithinRange(t, w.lastAnswer(), before, time.Now().Add(1)) // now is never zero
}

// lost returns when the server was last suspected to be lost.
func lost(w *watchdog) time.Duration { return time.Duration(w.lost.Load()) }

// A read-only database must not cause a new connection for each write that it
// refuses.
func TestWatchdog_SuspectsOncePerInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWatchdog()
		w.suspect()
		first := lost(w)
		require.NotZero(t, first, "at once, even right after the service started")
		time.Sleep(suspicionInterval - 1)
		w.suspect()
		assert.Equal(t, first, lost(w), "too soon")
		time.Sleep(time.Nanosecond)
		w.suspect()
		assert.Equal(t, first+suspicionInterval, lost(w))
	})
}

// New connections must not slow down a slow server, and must replace those to a
// server that vanished. A slow server still answers something.
func TestWatchdog_DistinguishesSlowFromLost(t *testing.T) {
	t.Parallel()
	type step struct {
		after time.Duration
		do    func(w *watchdog)
	}
	miss := func(w *watchdog) { w.missed() }
	old := func(w *watchdog) { w.heard(&connState{}) }
	opened := func(w *watchdog) { w.heard(&connState{opened: w.now()}) }
	for name, c := range map[string]struct {
		steps []step
		lost  bool
	}{
		"one miss":                        {[]step{{0, miss}}, false},
		"two":                             {[]step{{0, miss}, {1, miss}}, false},
		"three":                           {[]step{{0, miss}, {time.Second, miss}, {time.Second, miss}}, true},
		"an answer in between":            {[]step{{0, miss}, {1, miss}, {1, old}, {1, miss}, {1, miss}}, false},
		"an answer from another server":   {[]step{{0, miss}, {1, miss}, {1, opened}, {1, miss}}, true},
		"an answer before":                {[]step{{0, old}, {1, miss}, {1, miss}, {1, miss}}, true},
		"far apart":                       {[]step{{0, miss}, {missWindow, miss}, {1, miss}}, false},
		"far apart, and then three again": {[]step{{0, miss}, {missWindow + 1, miss}, {1, miss}, {1, miss}}, true},
		"an answer between six": {[]step{
			{0, miss}, {1, miss}, {1, old}, {1, miss}, {1, miss}, {1, old}, {1, miss}, {1, miss}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWatchdog()
				for _, s := range c.steps {
					time.Sleep(s.after)
					s.do(w)
				}
				assert.Equal(t, c.lost, w.lost.Load() != 0)
			})
		})
	}
}
