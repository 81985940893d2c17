package memory

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// fewestSwept is the number of counts at which a rate limiter first looks for counts
// that no longer matter.
const fewestSwept = 1024

// RateLimiter counts exactly, by a clock. It runs the generic cell rate algorithm:
// each event of a quota n/d comes back d/n after it was used. A count is over when
// the quota is whole again. Sweeps forget such counts, so at most about half of the
// counts in memory are over.
type RateLimiter struct {
	clock  ports.Clock
	quotas map[ports.Limit]domain.Quota

	mu     sync.Mutex
	counts map[counted]count
	// sweepAt is the number of counts at which the next sweep is due. It grows
	// with what a sweep leaves, so that sweeping costs little for each event.
	sweepAt int
}

var _ ports.RateLimiter = (*RateLimiter)(nil)

// counted identifies a count.
type counted struct {
	limit ports.Limit
	key   string
}

// count is how much of a quota is used up.
type count struct {
	// whole is when the quota will be whole again, if nothing else happens: the
	// algorithm's theoretical arrival time.
	whole time.Time
	// recorded is the time until which a refusal is not the first.
	recorded time.Time
}

func (c count) over(now time.Time) bool { return !c.whole.After(now) && !c.recorded.After(now) }

// NewRateLimiter returns a rate limiter of the given quotas. A limit without a quota
// is off, so nil admits everything. It panics on a quota that is not valid.
func NewRateLimiter(clock ports.Clock, quotas map[ports.Limit]domain.Quota) *RateLimiter {
	for limit, quota := range quotas {
		if !quota.IsValid() {
			panic(fmt.Sprintf("memory: the quota of the rate limit %s is %d/%s", limit, quota.Events, quota.Per))
		}
	}
	return &RateLimiter{clock: clock, quotas: maps.Clone(quotas), counts: map[counted]count{}, sweepAt: fewestSwept}
}

// Take counts events in their order, until a limit refuses one. Errors: none.
func (r *RateLimiter) Take(_ context.Context, counts ...ports.Count) ports.Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	for _, event := range counts {
		if quota := r.quotas[event.Limit]; !quota.IsOff() {
			if verdict := r.take(event, quota, now); verdict.Refused {
				return verdict
			}
		}
	}
	return ports.Verdict{}
}

func (r *RateLimiter) take(event ports.Count, quota domain.Quota, now time.Time) ports.Verdict {
	what := counted{event.Limit, event.Key}
	c, known := r.counts[what]
	c, verdict := c.take(event.Limit, quota, now)
	if !known {
		r.sweepIfDue(now)
		what.key = strings.Clone(event.Key) // the caller may reuse the memory of the key
	}
	r.counts[what] = c
	return verdict
}

// take counts one event at now.
func (c count) take(limit ports.Limit, quota domain.Quota, now time.Time) (count, ports.Verdict) {
	interval := quota.Per / time.Duration(quota.Events)
	burst := interval * time.Duration(quota.Events)
	// A clock that was set back must not block a client for longer than the quota
	// allows.
	whole := earlier(later(c.whole, now), now.Add(burst))
	wait := whole.Add(interval).Sub(now.Add(burst))
	if wait <= 0 {
		c.whole = whole.Add(interval)
		return c, ports.Verdict{}
	}
	c.whole = whole
	verdict := ports.Verdict{Refused: true, Limit: limit, Quota: quota, RetryAfter: wholeMicroseconds(wait)}
	if !c.recorded.After(now) || c.recorded.After(now.Add(quota.Per)) {
		verdict.First = true
		c.recorded = now.Add(quota.Per)
	}
	return c, verdict
}

// Uses returns how much of each event's quota is used up. Errors: none.
func (r *RateLimiter) Uses(_ context.Context, counts ...ports.Count) (ports.Uses, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	uses := ports.Uses{Each: make([]ports.Use, len(counts)), ProcessOnly: true}
	for i, event := range counts {
		if quota := r.quotas[event.Limit]; !quota.IsOff() {
			uses.Each[i] = ports.UseOf(quota, r.counts[counted{event.Limit, event.Key}].whole.Sub(now))
		}
	}
	return uses, nil
}

// Lift makes the quota of each event whole. Errors: none.
func (r *RateLimiter) Lift(_ context.Context, counts ...ports.Count) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, event := range counts {
		delete(r.counts, counted{event.Limit, event.Key})
	}
	return nil
}

// DeleteExpired forgets at most limit counts that no longer matter. Errors: none.
func (r *RateLimiter) DeleteExpired(_ context.Context, limit int) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sweep(r.clock.Now(), limit), nil
}

func (r *RateLimiter) sweepIfDue(now time.Time) {
	if len(r.counts) < r.sweepAt {
		return
	}
	r.sweep(now, len(r.counts))
	r.sweepAt = max(fewestSwept, 2*len(r.counts))
}

// sweep forgets at most limit counts that are over and returns how many.
func (r *RateLimiter) sweep(now time.Time, limit int) int {
	deleted := 0
	for what, c := range r.counts {
		if deleted >= limit {
			break
		}
		if c.over(now) {
			delete(r.counts, what)
			deleted++
		}
	}
	return deleted
}

// wholeMicroseconds rounds d up to whole microseconds, the resolution of Clock. A
// test that moves the clock by RetryAfter has then waited long enough.
func wholeMicroseconds(d time.Duration) time.Duration {
	return (d + time.Microsecond - 1).Truncate(time.Microsecond)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
