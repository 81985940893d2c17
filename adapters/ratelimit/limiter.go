package ratelimit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

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

// Event is one event to count: of Key, against Quota.
type Event struct {
	// Key is a hash that no other kind of event has.
	Key string
	// Quota is valid and not off.
	Quota domain.Quota
}

// Result is what a store says of the events of a request.
type Result struct {
	// Refused is true if an event is beyond its quota.
	Refused bool
	// Place is the index of the refused event.
	Place int
	// RetryAfter is how long to wait until that event would be admitted.
	RetryAfter time.Duration
	// Spent holds the places of counted events that used up their quota, each with how
	// long it refuses the next event of its key.
	Spent map[int]time.Duration
}

// spend notes that the quota of the event at a place refuses the next one for so long.
func (r *Result) spend(place int, wait time.Duration) {
	if wait <= 0 {
		return
	}
	if r.Spent == nil {
		r.Spent = map[int]time.Duration{}
	}
	r.Spent[place] = wait
}

// Store keeps the counts of all replicas. NewDatabaseStore and OpenRedis return
// one.
type Store interface {
	// Take counts events in their order, until one is refused: that one and those
	// after it do not count. Their keys differ. Errors: those of the store, after which
	// some may count.
	Take(ctx context.Context, events ...Event) (Result, error)
	// Ahead returns how long it takes until the quota of each key is whole again, in the
	// order of keys: zero or less if it is whole. Errors: those of the store.
	Ahead(ctx context.Context, keys ...string) ([]time.Duration, error)
	// Lift makes the quotas of keys whole, and then changes the generation. Errors: those of
	// the store, after which some may be whole.
	Lift(ctx context.Context, keys ...string) error
	// Generation returns a number that differs after each Lift. Errors: those of the store.
	Generation(ctx context.Context) (int64, error)
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
	store    Store
	limits   map[ports.Limit]*limit
	outage   *outage
	refusing *refusals
	now      func() time.Time
}

var _ ports.RateLimiter = (*Limiter)(nil)

// limit is a limit that is not off.
type limit struct {
	quota domain.Quota
	// shared is false for a limit that always counts in memory.
	shared  bool
	memory  *throttledStore
	refused atomic.Uint64
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
		now:    time.Now,
	}
	var err error
	if l.refusing, err = newRefusals(l.store, options.Timeout); err != nil {
		return nil, err
	}
	for name, quota := range options.Quotas {
		if quota.IsOff() {
			continue
		}
		memory, err := memstore.NewCtx(memoryKeys)
		if err != nil {
			return nil, fmt.Errorf("the memory of the rate limit %s: %w", name, err)
		}
		l.limits[name] = &limit{
			quota:  quota,
			shared: options.Store != nil && name != ports.LimitRefreshSession, // a refresh must not cost a second write
			memory: newThrottledStore(memory),
		}
	}
	return l, nil
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

// Take counts events in their order, until a limit refuses one. It counts even if ctx is
// over: hanging up does not bypass a limit and is not a failure of the store.
// Errors: none.
func (l *Limiter) Take(ctx context.Context, counts ...ports.Count) ports.Verdict {
	ctx = context.WithoutCancel(ctx)
	counts = slices.DeleteFunc(slices.Clone(counts), func(c ports.Count) bool { return l.limits[c.Limit] == nil })
	result := l.take(ctx, kindEvent, counts)
	if !result.Refused {
		return ports.Verdict{}
	}
	refused := counts[result.Place]
	limit := l.limits[refused.Limit]
	limit.refused.Add(1)
	return ports.Verdict{
		Refused: true, Limit: refused.Limit, Quota: limit.quota, RetryAfter: result.RetryAfter,
		First: !l.take(ctx, kindRefusal, []ports.Count{refused}).Refused,
	}
}

// Kinds of events.
const (
	kindEvent = "event"
	// kindRefusal admits one event within the time of its limit: the refusal to record.
	kindRefusal = "refusal"
)

// take counts events of a kind in the shared store, or in memory without a store or if it
// fails.
func (l *Limiter) take(ctx context.Context, kind string, counts []ports.Count) Result {
	if len(counts) == 0 {
		return Result{}
	}
	shared := true
	events := make([]Event, len(counts))
	for i, c := range counts {
		limit := l.limits[c.Limit]
		shared = shared && limit.shared
		events[i] = Event{Key: storeKey(kind, c.Limit, c.Key), Quota: limit.quota}
		if kind == kindRefusal {
			events[i].Quota.Events = 1
		}
	}
	if !shared {
		return l.takeInMemory(ctx, counts, events)
	}
	if result := l.remembered(events); result.Refused {
		if place := result.Place; place > 0 && counts[place].Optional {
			if before := l.takeShared(ctx, counts[:place], events[:place]); before.Refused {
				return before
			}
		}
		return result
	}
	return l.takeShared(ctx, counts, events)
}

// remembered returns the refusal of the first event that the shared store is known to
// refuse.
func (l *Limiter) remembered(events []Event) Result {
	now := l.now()
	for place, event := range events {
		if until := l.refusing.until(event.Key); now.Before(until) {
			return Result{Refused: true, Place: place, RetryAfter: until.Sub(now)}
		}
	}
	return Result{}
}

// takeShared counts events in the shared store, or in memory if that fails.
func (l *Limiter) takeShared(ctx context.Context, counts []ports.Count, events []Event) (result Result) {
	asked, forgotten := l.now(), l.refusing.times()
	if !l.outage.guard(ctx, func(ctx context.Context) (err error) {
		result, err = l.store.Take(ctx, events...)
		return err
	}) {
		return l.takeInMemory(ctx, counts, events)
	}
	for place, wait := range result.Spent {
		l.refusing.add(events[place].Key, asked.Add(wait), forgotten)
	}
	if result.Refused {
		l.refusing.add(events[result.Place].Key, asked.Add(result.RetryAfter), forgotten)
	}
	return result
}

// takeInMemory counts events in the memory of the process.
func (l *Limiter) takeInMemory(ctx context.Context, counts []ports.Count, events []Event) Result {
	for place, event := range events {
		result, err := l.limits[counts[place].Limit].memory.Take(ctx, event)
		if err != nil {
			return Result{Refused: true, Place: place, RetryAfter: event.Quota.Per} // memory never fails; if it did, the limit would stay closed
		}
		if result.Refused {
			result.Place = place
			return result
		}
	}
	return Result{}
}

// storeKey returns the key of an event: a hash, so that no store holds an address
// and all keys have one size. Names hold no zero byte, so two events never share
// a key.
func storeKey(kind string, limit ports.Limit, key string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + string(limit) + "\x00" + key))
	return string(sum[:])
}

// DeleteExpired removes at most limit expired counts of the database and returns
// how many; other stores expire theirs. Errors: domain.ErrUnavailable.
func (l *Limiter) DeleteExpired(ctx context.Context, limit int) (int, error) {
	if l.store == nil {
		return 0, nil
	}
	return l.store.DeleteExpired(ctx, limit)
}

// Close ends the work in the background. The limiter must not be used afterwards.
func (l *Limiter) Close() { l.refusing.close() }

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
