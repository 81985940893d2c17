package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// defaultTimeout is far more than a working store needs, even in a burst on new
// connections, and short enough for a request to continue without it.
const defaultTimeout = time.Second

// memoryKeys bounds the keys in memory for each limit, about 8 MB. The least
// recently used counts go first. Each limit has its own memory, so that cheap
// requests cannot push out the counts that protect a login.
const memoryKeys = 1 << 15

// Store keeps the counts of all replicas. NewDatabaseStore and OpenRedis return
// one.
type Store interface {
	throttled.GCRAStoreCtx
	// DeleteExpired removes at most limit expired counts and returns how many. A
	// store that expires them itself returns zero.
	DeleteExpired(ctx context.Context, limit int) (int, error)
}

// Options configure a Limiter.
type Options struct {
	// Quotas has a quota for each limit of ports.Limits. A zero quota turns its
	// limit off.
	Quotas map[ports.Limit]domain.Quota
	// Store is shared by the replicas. Nil means the memory of the process.
	Store Store
	// Timeout bounds each call of the store; after it, memory counts instead.
	// Zero means a second.
	Timeout time.Duration
	// Logger gets a message when the store fails and when it works again. Nil
	// means slog.Default().
	Logger *slog.Logger
}

// Limiter counts events against limits. It is safe for concurrent use.
type Limiter struct {
	store  Store
	limits map[ports.Limit]*limit
	outage *outage
}

var _ ports.RateLimiter = (*Limiter)(nil)

// limit is a limit that is not off.
type limit struct {
	quota domain.Quota
	// events counts the limited events. first admits one refusal within the time
	// of the limit: the refusal to record.
	events, first tally
	refused       atomic.Uint64
}

// New returns a limiter. Errors: a limit without a quota, an unknown limit, or a
// quota that is not valid.
func New(options Options) (*Limiter, error) {
	if err := checkQuotas(options.Quotas); err != nil {
		return nil, err
	}
	if options.Timeout < 0 {
		return nil, fmt.Errorf("the timeout of the rate limit store is %s", options.Timeout)
	}
	if options.Timeout == 0 {
		options.Timeout = defaultTimeout
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	l := &Limiter{
		store:  options.Store,
		limits: map[ports.Limit]*limit{},
		outage: &outage{logger: options.Logger, timeout: options.Timeout},
	}
	for name, quota := range options.Quotas {
		if quota.IsOff() {
			continue
		}
		shared := throttled.GCRAStoreCtx(options.Store)
		if options.Store == nil || name == ports.LimitRefreshSession {
			shared = nil // a refresh must not cost a second write
		}
		memory, err := memstore.NewCtx(memoryKeys)
		if err != nil {
			return nil, fmt.Errorf("the memory of the rate limit %s: %w", name, err)
		}
		if l.limits[name], err = newLimit(quota, shared, memory, l.outage); err != nil {
			return nil, fmt.Errorf("the rate limit %s: %w", name, err)
		}
	}
	return l, nil
}

func newLimit(quota domain.Quota, shared, memory throttled.GCRAStoreCtx, outage *outage) (*limit, error) {
	events, err := newTally(quota, shared, memory, outage)
	if err != nil {
		return nil, err
	}
	first, err := newTally(domain.Quota{Events: 1, Per: quota.Per}, shared, memory, outage)
	if err != nil {
		return nil, err
	}
	return &limit{quota: quota, events: events, first: first}, nil
}

// checkQuotas refuses quotas that would silently limit nothing.
func checkQuotas(quotas map[ports.Limit]domain.Quota) error {
	known := ports.Limits()
	var errs []error
	for _, name := range known {
		if _, ok := quotas[name]; !ok {
			errs = append(errs, fmt.Errorf("the rate limit %s has no quota", name))
		}
	}
	for name, quota := range quotas {
		if !slices.Contains(known, name) {
			errs = append(errs, fmt.Errorf("unknown rate limit %q", name))
		}
		if !quota.IsValid() {
			errs = append(errs, fmt.Errorf("the quota of the rate limit %s cannot be %d in %s", name, quota.Events, quota.Per))
		}
	}
	return errors.Join(errs...)
}

// Take counts one event of key if the limit admits it. It counts even if ctx is
// over: hanging up does not bypass a limit and is not a failure of the store.
// Errors: none.
func (l *Limiter) Take(ctx context.Context, name ports.Limit, key string) ports.Verdict {
	limit, on := l.limits[name]
	if !on {
		return ports.Verdict{}
	}
	ctx = context.WithoutCancel(ctx)
	verdict := ports.Verdict{Quota: limit.quota}
	refused, retryAfter := limit.events.take(ctx, storeKey("event", name, key))
	if !refused {
		return verdict
	}
	limit.refused.Add(1)
	verdict.Refused, verdict.RetryAfter = true, retryAfter
	recorded, _ := limit.first.take(ctx, storeKey("refusal", name, key))
	verdict.First = !recorded
	return verdict
}

// DeleteExpired removes at most limit expired counts of the database and returns
// how many; other stores expire theirs. Errors: domain.ErrUnavailable.
func (l *Limiter) DeleteExpired(ctx context.Context, limit int) (int, error) {
	if l.store == nil {
		return 0, nil
	}
	return l.store.DeleteExpired(ctx, limit)
}

// Counts are the events in this process since it started.
type Counts struct {
	// Refused counts refused events of each limit that is not off.
	Refused map[ports.Limit]uint64
	// Fallbacks counts how often memory took the place of the store.
	Fallbacks uint64
}

// Counts returns the current numbers.
func (l *Limiter) Counts() Counts {
	counts := Counts{Refused: map[ports.Limit]uint64{}, Fallbacks: l.outage.fallbacks.Load()}
	for name, limit := range l.limits {
		counts.Refused[name] = limit.refused.Load()
	}
	return counts
}
