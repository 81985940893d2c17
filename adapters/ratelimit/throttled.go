package ratelimit

import (
	"context"
	"sync"
	"time"

	"github.com/throttled/throttled/v2"

	"github.com/seed543b3b27/auth-service/domain"
)

// throttledStore counts by throttled's algorithm in a store that can only compare and
// swap: the memory of the process, or Redis. Each event is a call or two of the store.
type throttledStore struct {
	store throttled.GCRAStoreCtx

	mu      sync.Mutex // guards limiters
	byQuota map[domain.Quota]*throttled.GCRARateLimiterCtx
}

func newThrottledStore(store throttled.GCRAStoreCtx) *throttledStore {
	return &throttledStore{store: store, byQuota: map[domain.Quota]*throttled.GCRARateLimiterCtx{}}
}

// Take counts events in their order, until one is refused. Errors: those of the store.
func (s *throttledStore) Take(ctx context.Context, events ...Event) (result Result, err error) {
	for place, event := range events {
		limiter, err := s.limiter(event.Quota)
		if err != nil {
			return Result{}, err
		}
		refused, state, err := limiter.RateLimitCtx(ctx, event.Key, 1)
		switch {
		case err != nil:
			return Result{}, err
		case refused:
			result.Refused, result.Place, result.RetryAfter = true, place, state.RetryAfter
			return result, nil
		}
		step := event.Quota.Per / time.Duration(event.Quota.Events)
		result.spend(place, state.ResetAfter+step-event.Quota.Per)
	}
	return result, nil
}

func (s *throttledStore) limiter(quota domain.Quota) (*throttled.GCRARateLimiterCtx, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if limiter := s.byQuota[quota]; limiter != nil {
		return limiter, nil
	}
	rate := throttled.RateQuota{MaxRate: throttled.PerDuration(quota.Events, quota.Per), MaxBurst: quota.Events - 1}
	limiter, err := throttled.NewGCRARateLimiterCtx(withinQuota{s.store, quota.Per}, rate)
	if err != nil {
		return nil, err
	}
	// Each lost swap was won by an admitted event. Their number is at most the
	// burst plus the refill during one count, so contention alone never reaches
	// the limit and is not taken for a failure.
	limiter.SetMaxCASAttemptsLimit(2*quota.Events + 10)
	s.byQuota[quota] = limiter
	return limiter, nil
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

// shortLife is the life of a count that was lifted.
const shortLife = time.Second

// Ahead returns how long it takes until the quota of each key is whole again. Errors: those
// of the store.
func (s *throttledStore) Ahead(ctx context.Context, keys ...string) ([]time.Duration, error) {
	all := make([]time.Duration, len(keys))
	for i, key := range keys {
		value, now, err := s.store.GetWithTime(ctx, key)
		switch {
		case err != nil:
			return nil, err
		case value >= 0: // negative without a count
			all[i] = time.Duration(value - now.UnixNano())
		}
	}
	return all, nil
}

// Lift makes the quotas of keys whole. Errors: those of the store.
func (s *throttledStore) Lift(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		for lifted := false; !lifted; {
			value, now, err := s.store.GetWithTime(ctx, key)
			if err != nil {
				return err
			}
			if value <= now.UnixNano() {
				break
			}
			if lifted, err = s.store.CompareAndSwapWithTTL(ctx, key, value, now.UnixNano(), shortLife); err != nil {
				return err
			}
		}
	}
	return nil
}
