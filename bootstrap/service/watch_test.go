package service

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// switchable is a database that answers, refuses or hangs.
type switchable struct {
	mu    sync.Mutex
	err   error
	hangs bool
	deaf  bool // hangs although its time is over
	asked int
}

func (d *switchable) set(err error, hangs, deaf bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err, d.hangs, d.deaf = err, hangs, deaf
}

func (d *switchable) ask(ctx context.Context) error {
	d.mu.Lock()
	d.asked++
	err, hangs, deaf := d.err, d.hangs, d.deaf
	d.mu.Unlock()
	if deaf {
		time.Sleep(time.Hour)
	}
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

// never is a database that answers no other caller.
func never() time.Time { return time.Time{} }

// watched runs a watch of d in the background of a bubble, whose time is fake.
func watched(t *testing.T, failures int, d *switchable) (w *watch, logs *bytes.Buffer) {
	t.Helper()
	logs = &bytes.Buffer{}
	w = newWatch(failures, d.ask, never, slog.New(slog.NewTextHandler(logs, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { w.run(ctx) })
	t.Cleanup(func() { cancel(); done.Wait() })
	synctest.Wait()
	return w, logs
}

// readyUntil returns how long the watch stays ready from now on.
func readyUntil(t *testing.T, w *watch) time.Duration {
	t.Helper()
	const step = 10 * time.Millisecond
	for past := time.Duration(0); past < time.Minute; past += step {
		synctest.Wait()
		if w.check(t.Context()) != nil {
			return past
		}
		time.Sleep(step) // fake time
	}
	t.Fatal("the watch is still ready after a minute")
	return 0
}

var errRefused = errors.New("dial db.internal:5432: connection refused")

// every kind of outage is noticed within ten seconds, at any moment and with any
// READINESS_DATABASE_FAILURES, and not before that many checks have failed.
func TestWatch_NoticesAnOutageWithinTenSeconds(t *testing.T) {
	t.Parallel()
	for failures := 1; failures <= config.MaxDatabaseFailures; failures++ {
		for name, way := range map[string]struct{ hangs, deaf bool }{"refuses": {}, "hangs": {hangs: true}, "hangs and is deaf": {deaf: true}} {
			for _, offset := range []time.Duration{time.Millisecond, checkPeriod(failures) / 2, checkPeriod(failures) - time.Millisecond} {
				synctest.Test(t, func(t *testing.T) {
					d := &switchable{}
					w, _ := watched(t, failures, d)
					require.NoError(t, w.check(t.Context()), "the first check succeeded")
					time.Sleep(offset)
					d.set(errRefused, way.hangs, way.deaf)
					took := readyUntil(t, w)
					assert.Less(t, took, 10*time.Second, "%s, %d failures, %s after a check", name, failures, offset)
					assert.GreaterOrEqual(t, took, time.Duration(failures-1)*checkPeriod(failures), "%s, %d failures", name, failures)
					d.set(nil, false, false)
					time.Sleep(time.Hour) // checks that ignore the context end
				})
			}
		}
	}
}

func TestWatch_ForgivesABlipAndRecoversAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &switchable{}
		w, logs := watched(t, 3, d)
		for range 5 { // two failures, one success, again and again
			d.set(errRefused, false, false)
			time.Sleep(2 * checkPeriod(3))
			synctest.Wait()
			require.NoError(t, w.check(t.Context()), "two failures are a blip")
			d.set(nil, false, false)
			time.Sleep(checkPeriod(3))
			synctest.Wait()
		}
		d.set(errRefused, false, false)
		time.Sleep(30 * checkPeriod(3))
		synctest.Wait()
		require.ErrorIs(t, w.check(t.Context()), errRefused)
		d.set(nil, false, false)
		time.Sleep(checkPeriod(3))
		synctest.Wait()
		require.NoError(t, w.check(t.Context()), "one success is enough")
		assert.Equal(t, 5+2, strings.Count(logs.String(), "a check of the database failed"), "an outage is no flood:\n%s", logs)
		assert.Equal(t, 5+1, strings.Count(logs.String(), "answers checks again"))
		assert.Contains(t, logs.String(), "db.internal:5432", "the log contains the cause")
	})
}

// Until the database answers for the first time, the verdict is a failure, regardless of
// the number of failed checks.
func TestWatch_IsNotReadyBeforeTheFirstAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &switchable{err: errRefused}
		w := newWatch(10, d.ask, never, slog.New(slog.DiscardHandler))
		require.ErrorIs(t, w.check(t.Context()), errNotChecked)
		w.look(t.Context())
		require.ErrorIs(t, w.check(t.Context()), errRefused)
		d.set(nil, false, false)
		w.look(t.Context())
		require.NoError(t, w.check(t.Context()))

		interrupted, cancel := context.WithCancel(t.Context())
		cancel()
		d.set(nil, true, false)
		for range 20 {
			w.look(interrupted)
		}
		require.NoError(t, w.check(t.Context()), "a check that a stop interrupts is not a failure")
		asked := d.asked
		for range 1000 {
			_ = w.check(t.Context())
		}
		assert.Equal(t, asked, d.asked, "a probe does not query the database")
	})
}

// A check that gets no connection in time is not an outage while the database answers
// others. If it were, all replicas would become not ready at once under high load.
func TestWatch_ASlowDatabaseIsNotGone(t *testing.T) {
	t.Parallel()
	for failures := 1; failures <= config.MaxDatabaseFailures; failures++ {
		synctest.Test(t, func(t *testing.T) {
			d := &switchable{}
			w, _ := watched(t, failures, d)
			var busy atomic.Bool
			busy.Store(true)
			w.mu.Lock()
			w.heard = func() time.Time {
				if busy.Load() {
					return w.now()
				}
				return time.Time{}
			}
			w.mu.Unlock()
			time.Sleep(time.Millisecond)
			d.set(nil, true, false)
			time.Sleep(time.Hour)
			synctest.Wait()
			require.NoError(t, w.check(t.Context()))

			d.set(errRefused, false, false)
			assert.Less(t, readyUntil(t, w), 10*time.Second, "a refusal is a failure even if the database answers others")
			d.set(nil, false, false)
			time.Sleep(w.period)
			require.NoError(t, w.check(t.Context()))

			d.set(nil, true, false)
			time.Sleep(time.Hour + w.period/2)
			synctest.Wait()
			busy.Store(false)
			assert.Less(t, readyUntil(t, w), 10*time.Second, "no caller gets an answer any more")
		})
	}
}

// The same with a real pool, all of whose connections are taken.
func TestWatch_AFullPoolIsNoOutage(t *testing.T) {
	t.Parallel()
	source, err := database.ParseURL(postgrestest.NewDatabase(t))
	require.NoError(t, err)
	db, err := database.Open(t.Context(), source, database.Options{MaxOpenConns: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	taken, err := db.SQL().Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	newFullWatch := func() *watch {
		w := newWatch(config.MaxDatabaseFailures, db.Ping, db.Answered, slog.New(slog.DiscardHandler))
		w.failed, w.cause = 0, nil
		return w
	}
	idle := newFullWatch()
	idle.look(t.Context())
	require.ErrorIs(t, idle.cause, context.DeadlineExceeded, "control: the check gets no connection, and no caller an answer")

	working, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		for working.Err() == nil {
			_, _ = taken.ExecContext(t.Context(), "SELECT pg_sleep(0.01)")
		}
	})
	busy := newFullWatch()
	busy.look(t.Context())
	stop()
	done.Wait()
	assert.NoError(t, busy.cause)
	assert.Zero(t, busy.failed)
}
