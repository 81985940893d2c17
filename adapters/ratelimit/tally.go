package ratelimit

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/throttled/throttled/v2"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// tally counts against one quota: in the shared store, or in the memory of the
// process if there is none or it fails.
type tally struct {
	shared, memory *throttled.GCRARateLimiterCtx
	outage         *outage
	per            time.Duration
}

func newTally(quota domain.Quota, shared, memory throttled.GCRAStoreCtx, outage *outage) (tally, error) {
	t := tally{outage: outage, per: quota.Per}
	var err error
	if shared != nil {
		if t.shared, err = newGCRA(quota, shared); err != nil {
			return tally{}, err
		}
	}
	t.memory, err = newGCRA(quota, memory)
	return t, err
}

func newGCRA(quota domain.Quota, store throttled.GCRAStoreCtx) (*throttled.GCRARateLimiterCtx, error) {
	rate := throttled.RateQuota{MaxRate: throttled.PerDuration(quota.Events, quota.Per), MaxBurst: quota.Events - 1}
	g, err := throttled.NewGCRARateLimiterCtx(withinQuota{store, quota.Per}, rate)
	if err != nil {
		return nil, err
	}
	// Each swap that is lost was won by an event that was admitted. There are no
	// more of those than the burst and what is refilled while one is counted: so
	// contention alone never uses this up and is never taken for a failure.
	g.SetMaxCASAttemptsLimit(2*quota.Events + 10)
	return g, nil
}

// take counts one event; retryAfter is when a refused one would be admitted.
func (t tally) take(ctx context.Context, key string) (refused bool, retryAfter time.Duration) {
	if t.shared != nil {
		var result throttled.RateLimitResult
		if t.outage.guard(ctx, func(ctx context.Context) (err error) {
			refused, result, err = t.shared.RateLimitCtx(ctx, key, 1)
			return err
		}) {
			return refused, result.RetryAfter
		}
	}
	refused, result, err := t.memory.RateLimitCtx(ctx, key, 1)
	if err != nil {
		return true, t.per // memory never fails; if it did, it would not open
	}
	return refused, result.RetryAfter
}

// storeKey is under what an event is counted: a hash, so that no store holds an
// address and all keys are of one size. Names hold no zero byte, so no two
// events share a key.
func storeKey(kind string, limit ports.Limit, key string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + string(limit) + "\x00" + key))
	return string(sum[:])
}

// withinQuota corrects counts that the quota cannot have led to, since the clock
// was set back or the quota was larger before. They would block for as long as
// the difference; so they are taken for a burst that was just used up.
type withinQuota struct {
	throttled.GCRAStoreCtx
	per time.Duration
}

// GetWithTime returns the count of key and the store's time.
func (s withinQuota) GetWithTime(ctx context.Context, key string) (int64, time.Time, error) {
	for {
		value, now, err := s.GCRAStoreCtx.GetWithTime(ctx, key)
		if err != nil {
			return 0, now, err
		}
		most := now.Add(s.per).UnixNano()
		if value <= most {
			return value, now, nil
		}
		if _, err := s.CompareAndSwapWithTTL(ctx, key, value, most, s.per); err != nil {
			return 0, now, err
		}
	}
}
