package memory

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

func newLimiter(quota domain.Quota) (*RateLimiter, *Clock) {
	clock := NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	return NewRateLimiter(clock, map[ports.Limit]domain.Quota{ports.LimitLoginIP: quota}), clock
}

func (r *RateLimiter) admits(t *testing.T, key string) int {
	t.Helper()
	n := 0
	for !r.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: key}).Refused {
		n++
	}
	return n
}

func TestRateLimiter_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunRateLimiter(t, func(_ testing.TB, quotas map[ports.Limit]domain.Quota) contract.RateLimits {
		clock := NewClock(time.Now())
		return contract.RateLimits{Limiter: NewRateLimiter(clock, quotas), Pass: clock.Advance}
	})
}

func TestRateLimiter_RefillsOneByOne(t *testing.T) {
	t.Parallel()
	r, clock := newLimiter(domain.Quota{Events: 10, Per: time.Minute})
	require.Equal(t, 10, r.admits(t, "key"))
	clock.Advance(6*time.Second - time.Microsecond)
	v := r.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"})
	require.True(t, v.Refused)
	assert.Equal(t, time.Microsecond, v.RetryAfter)
	clock.Advance(time.Microsecond)
	assert.Equal(t, 1, r.admits(t, "key"))
	clock.Advance(30 * time.Second)
	assert.Equal(t, 5, r.admits(t, "key"))
	clock.Advance(time.Hour)
	assert.Equal(t, 10, r.admits(t, "key"), "never more than the burst")
}

// Over any time, the limiter admits at most the burst and the refilled events. It
// admits a client that waits for RetryAfter.
func TestRateLimiter_AdmitsTheQuotaAndNoMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		quota := domain.Quota{
			Events: rapid.IntRange(1, 50).Draw(t, "events"),
			Per:    time.Duration(rapid.IntRange(1, 7200).Draw(t, "seconds")) * time.Second,
		}
		r, clock := newLimiter(quota)
		began, admitted := clock.Now(), 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			clock.Advance(time.Duration(rapid.Int64Range(0, int64(quota.Per)/4).Draw(t, "pause")))
			v := r.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"})
			if v.Refused && rapid.Bool().Draw(t, "waits") {
				clock.Advance(v.RetryAfter)
				v = r.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"})
				require.False(t, v.Refused)
			}
			if !v.Refused {
				admitted++
			}
			refilled := float64(clock.Now().Sub(began)) * float64(quota.Events) / float64(quota.Per)
			require.LessOrEqual(t, float64(admitted), float64(quota.Events)+refilled+0.001)
		}
	})
}

// a clock that is set back does not block a client for longer than the limit.
func TestR22_RateLimiter_SurvivesAClockSetBack(t *testing.T) {
	t.Parallel()
	r, clock := newLimiter(domain.Quota{Events: 10, Per: time.Minute})
	r.admits(t, "key")
	clock.Advance(-time.Hour)
	v := r.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"})
	require.True(t, v.Refused)
	assert.Equal(t, 6*time.Second, v.RetryAfter)
	assert.True(t, v.First)
	clock.Advance(v.RetryAfter)
	assert.Equal(t, 1, r.admits(t, "key"))
}

func TestRateLimiter_ForgetsCountsThatNoLongerMatter(t *testing.T) {
	t.Parallel()
	r, clock := newLimiter(domain.Quota{Events: 1, Per: time.Minute})
	for i := range 20 * fewestSwept {
		r.admits(t, fmt.Sprint(i))
		clock.Advance(100 * time.Millisecond)
		require.LessOrEqual(t, len(r.counts), 2*fewestSwept)
	}
	r.admits(t, "one")
	r.admits(t, "two")
	clock.Advance(time.Minute - time.Microsecond)
	for {
		n, err := r.DeleteExpired(t.Context(), 100)
		require.NoError(t, err)
		require.LessOrEqual(t, n, 100)
		if n == 0 {
			break
		}
	}
	assert.Len(t, r.counts, 2)
	clock.Advance(time.Microsecond)
	n, err := r.DeleteExpired(t.Context(), 1)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Len(t, r.counts, 1)
}

func TestNewRateLimiter_PanicsOnAnInvalidQuota(t *testing.T) {
	t.Parallel()
	for _, quota := range []domain.Quota{{Events: 1}, {Events: -1, Per: time.Second}, {Events: 1, Per: time.Millisecond}, {Per: time.Hour}} {
		assert.Panics(t, func() { newLimiter(quota) }, quota)
	}
	r := NewRateLimiter(NewClock(time.Now()), nil)
	assert.Equal(t, ports.Verdict{}, r.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"}), "without a quota a limit is off")
}
