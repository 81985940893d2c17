package ratelimit

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// retryEvery is how often a store that failed is tried again: by one request,
// the others go on without it.
const retryEvery = time.Second

// outage knows whether the store works, so that not every request has to wait
// for one that doesn't.
type outage struct {
	logger    *slog.Logger
	timeout   time.Duration
	fallbacks atomic.Uint64

	mu sync.Mutex // guards what follows
	// period numbers the times in which the store works or fails. Whoever began
	// in another period says nothing about this one.
	period uint64
	failed bool
	since  time.Time
	// next is when a failed store is tried again; without are the counts made
	// without it.
	next    time.Time
	without uint64
}

// guard runs op within the timeout and tells whether it was successful; it does
// not run it while the store is known to fail.
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

// begin tells whether to try the store, and in which period that is.
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

// end takes note of how a try ended.
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
		o.logger.WarnContext(ctx, "the store of the rate limits fails: this process counts by itself", slog.Any("error", err))
	case o.failed:
		o.period++
		o.failed = false
		o.logger.InfoContext(ctx, "the store of the rate limits works again",
			slog.Duration("after", now.Sub(o.since)), slog.Uint64("counted_without_it", o.without))
	}
}
