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
// process if there is no store or it fails.
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
	// Each lost swap was won by an admitted event. Their number is at most the
	// burst plus the refill during one count, so contention alone never reaches
	// the limit and is not taken for a failure.
	g.SetMaxCASAttemptsLimit(2*quota.Events + 10)
	return g, nil
}

// take counts one event. retryAfter is when a refused event would be admitted.
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
		return true, t.per // memory never fails; if it did, the limit would stay closed
	}
	return refused, result.RetryAfter
}

// storeKey returns the key of an event: a hash, so that no store holds an address
// and all keys have one size. Names hold no zero byte, so two events never share
// a key.
func storeKey(kind string, limit ports.Limit, key string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + string(limit) + "\x00" + key))
	return string(sum[:])
}

// withinQuota corrects counts that are impossible under the quota, because the
// clock was set back or the quota was larger before. They would block for as long
// as the difference, so they count as a burst that was just used up.
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
