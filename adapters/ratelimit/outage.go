package ratelimit

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// retryEvery is the interval at which one request tries a failed store again. All
// other requests count without it.
const retryEvery = time.Second

// outage knows whether the store works, so that requests do not wait for a failed
// one.
type outage struct {
	logger    *slog.Logger
	timeout   time.Duration
	fallbacks atomic.Uint64

	mu sync.Mutex // guards the fields below
	// period numbers the alternating times in which the store works or fails. A
	// try that began in another period proves nothing about this one.
	period uint64
	failed bool
	since  time.Time
	// next is when a failed store is tried again. without is the number of counts
	// made without it.
	next    time.Time
	without uint64
}

// guard runs op within the timeout and reports whether it succeeded. It skips op
// while the store is known to fail.
func (o *outage) guard(ctx context.Context, op func(ctx context.Context) error) bool {
	period, try := o.begin(time.Now())
	if try {
		ctx, cancel := context.WithTimeout(ctx, o.timeout)
		defer cancel()
		err := op(ctx)
		o.end(ctx, period, err)
		if err == nil {
			return true
		}
	}
	o.fallbacks.Add(1)
	return false
}

// begin reports whether to try the store, and returns the current period.
func (o *outage) begin(now time.Time) (period uint64, try bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.failed {
		return o.period, true
	}
	if now.Before(o.next) {
		o.without++
		return o.period, false
	}
	o.next = now.Add(retryEvery)
	return o.period, true
}

// end records how a try ended.
func (o *outage) end(ctx context.Context, period uint64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	if err != nil {
		o.without++
	}
	if period != o.period {
		return
	}
	switch {
	case err != nil && o.failed:
		o.next = now.Add(retryEvery)
	case err != nil:
		o.period++
		o.failed, o.since, o.next, o.without = true, now, now.Add(retryEvery), 1
		o.logger.WarnContext(ctx, "the rate limit store fails; this process counts in memory", slog.Any("error", err))
	case o.failed:
		o.period++
		o.failed = false
		o.logger.InfoContext(ctx, "the rate limit store works again",
			slog.Duration("after", now.Sub(o.since)), slog.Uint64("counted_without_it", o.without))
	}
}
