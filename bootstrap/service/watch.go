package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	// readinessBudget is how long the database may fail before the service is not
	// ready. It keeps a margin below the promised ten seconds for busy machines.
	readinessBudget = 9 * time.Second
	// longestCheckPeriod is the time between two checks of the database if few
	// failures make the service not ready.
	longestCheckPeriod = 2 * time.Second
)

// checkPeriod returns the time between two checks of the database, which also bounds one
// check. An outage can begin right after a check, and the last check can hang, so it is
// found within failures + 1 periods. They fit into the budget.
func checkPeriod(failures int) time.Duration {
	return min(longestCheckPeriod, readinessBudget/time.Duration(failures+1))
}

// errNotChecked is the verdict before the first check has ended.
var errNotChecked = errors.New("it has not been checked yet")

// watch checks in the background whether the database answers, so that probes neither wait
// for the database nor load it. It tolerates single failures. It is safe for concurrent
// use.
type watch struct {
	// failures is how many checks in a row must fail.
	failures int
	period   time.Duration
	ask      func(ctx context.Context) error
	// heard returns when the database last answered any caller; zero means never.
	heard  func() time.Time
	now    func() time.Time
	logger *slog.Logger

	mu sync.Mutex
	// failed counts the failures since the last success. cause is the last failure.
	failed int
	cause  error
	// answered is when the database last answered a check.
	answered time.Time
}

// newWatch returns a watch without any check. Its verdict is a failure until the database
// answers for the first time.
func newWatch(failures int, ask func(ctx context.Context) error, heard func() time.Time, logger *slog.Logger) *watch {
	return &watch{
		failures: failures, period: checkPeriod(failures), ask: ask, heard: heard, now: time.Now, logger: logger,
		failed: failures, cause: errNotChecked,
	}
}

// run checks at once and then once in each period until ctx ends.
func (w *watch) run(ctx context.Context) {
	ticker := time.NewTicker(w.period)
	defer ticker.Stop()
	w.follow(ctx, ticker.C)
}

// follow checks at once and at every tick.
func (w *watch) follow(ctx context.Context, ticks <-chan time.Time) {
	for {
		w.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}

// look checks once. A check that ctx interrupts does not count. Checks and requests share
// connections, so a check can run out of time while all are busy. That is not a failure
// if the database has answered a request meanwhile.
func (w *watch) look(ctx context.Context) {
	began := w.now()
	err := within(ctx, w.period, w.ask)
	if errors.Is(err, context.DeadlineExceeded) && w.heard().After(began) {
		err = nil
	}
	if err != nil && ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		if w.failed > 0 && !errors.Is(w.cause, errNotChecked) {
			w.logger.InfoContext(ctx, "the database answers checks again", "failures", w.failed)
		}
		w.failed, w.cause, w.answered = 0, nil, w.now()
		return
	}
	if errors.Is(w.cause, errNotChecked) {
		w.cause = fmt.Errorf("%w: %w", errNotChecked, err)
		return // the start logs that it waits for the database
	}
	w.failed++
	w.cause = err
	// Log the first failure and the one that changes the verdict; the others add nothing.
	if w.failed == 1 || w.failed == w.failures {
		w.logger.WarnContext(ctx, "a check of the database failed", "failures", w.failed, "not_ready_at", w.failures, "error", err)
	}
}

// check is the readiness check of the database. It returns the verdict of the last checks,
// and an error if the checks themselves hang.
func (w *watch) check(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed >= w.failures {
		return w.cause
	}
	if silent := w.now().Sub(w.answered); silent > readinessBudget {
		return fmt.Errorf("it has not answered for %s", silent.Round(time.Second))
	}
	return nil
}
