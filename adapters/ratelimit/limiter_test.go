package ratelimit

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/redistest"
)

var tenAnHour = domain.Quota{Events: 10, Per: time.Hour}

// V-25, T-07: many concurrent events on two replicas stay inside the one limit,
// and their contention is not taken for a failure of the store.
func TestV25_T07_ReplicasShareOneLimit(t *testing.T) {
	t.Parallel()
	onShared(t, func(t *testing.T, replica func() Store) {
		const together = 200
		var replicas [2]*Limiter
		for i := range replicas {
			replicas[i] = newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: replica(), Timeout: patient})
		}
		var admitted, first atomic.Int64
		var wait sync.WaitGroup
		gate := make(chan struct{})
		for i := range together {
			wait.Go(func() {
				<-gate
				v := replicas[i%len(replicas)].Take(t.Context(), ports.Count{Limit: ports.LimitLoginAccountIP, Key: "key"})
				if !v.Refused {
					admitted.Add(1)
				}
				if v.First {
					first.Add(1)
				}
			})
		}
		close(gate)
		wait.Wait()
		assert.Equal(t, int64(tenAnHour.Events), admitted.Load())
		assert.Equal(t, int64(1), first.Load())
		refused := uint64(0)
		for _, l := range replicas {
			counts := l.Counts()
			assert.Zero(t, counts.Fallbacks)
			refused += counts.Refused[ports.LimitLoginAccountIP]
			assert.Zero(t, counts.Refused[ports.LimitLoginIP])
		}
		assert.EqualValues(t, together-tenAnHour.Events, refused)
	})
}

// V-25: the event of a client that hangs up counts in the store, and does not
// make the store look broken.
func TestV25_HangingUpCountsForAllReplicas(t *testing.T) {
	t.Parallel()
	onShared(t, func(t *testing.T, replica func() Store) {
		one := newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: replica(), Timeout: patient})
		other := newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: replica(), Timeout: patient})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range tenAnHour.Events {
			require.False(t, one.Take(ctx, ports.Count{Limit: ports.LimitLoginIP, Key: "key"}).Refused)
		}
		assert.True(t, other.Take(ctx, ports.Count{Limit: ports.LimitLoginIP, Key: "key"}).Refused)
		assert.Zero(t, one.Counts().Fallbacks+other.Counts().Fallbacks)
	})
}

// V-25: losing as many swaps as a quota has events is not a failure.
func TestV25_ContentionIsNotAFailure(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(t)
	l := newLimiter(t, Options{Quotas: quotasOf(domain.Quota{Events: 100, Per: time.Hour}), Store: store})
	require.False(t, l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"}).Refused)
	store.lost.Store(100)
	require.False(t, l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"}).Refused)
	assert.Negative(t, store.lost.Load())
	assert.Zero(t, l.Counts().Fallbacks)
}

func TestLimiter_RefreshesCountInMemoryOnly(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(t)
	l := newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: store})
	for i := range 12 {
		assert.Equal(t, i >= 10, l.Take(t.Context(), ports.Count{Limit: ports.LimitRefreshSession, Key: "key"}).Refused)
	}
	assert.Zero(t, store.calls.Load())
	assert.Zero(t, l.Counts().Fallbacks)
}

func TestLimiter_AnOutageIsLoggedOnceAndEndsByItself(t *testing.T) {
	t.Parallel()
	store, said := newFaultyStore(t), &journal{}
	l := newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: store, Logger: said.logger()})
	require.False(t, l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"}).Refused)
	require.Empty(t, said.String())

	store.broken.Store(true)
	admitted := 0
	for range 50 {
		if !l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"}).Refused {
			admitted++
		}
	}
	assert.Equal(t, tenAnHour.Events, admitted, "the quota holds in memory")
	assert.Equal(t, 1, strings.Count(said.String(), "\n"), said)
	assert.Contains(t, said.String(), errBroken.Error())
	fallbacks := l.Counts().Fallbacks
	assert.GreaterOrEqual(t, fallbacks, uint64(50))

	store.broken.Store(false)
	require.Eventually(t, func() bool {
		return !l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"}).Refused // the store has counted only one
	}, 30*time.Second, 20*time.Millisecond)
	assert.Equal(t, 2, strings.Count(said.String(), "\n"), said)
	assert.Contains(t, said.String(), "works again")
	fallbacks = l.Counts().Fallbacks
	for range 20 {
		l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "other"})
	}
	assert.Equal(t, fallbacks, l.Counts().Fallbacks)
}

func TestLimiter_AHungStoreDelaysFewRequests(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(t)
	store.hung.Store(true)
	l := newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: store, Timeout: 5 * time.Millisecond})
	began := time.Now()
	const takes = 5000
	for range takes {
		l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"})
	}
	tries := store.calls.Load()
	assert.Positive(t, tries)
	assert.LessOrEqual(t, tries, int64(time.Since(began)/retryEvery)+1, "one try a second")
}

// Only a try that began in this outage ends it; an earlier one proves nothing.
func TestOutage_LateAnswersChangeNothing(t *testing.T) {
	t.Parallel()
	said := &journal{}
	o := &outage{logger: said.logger(), timeout: patient}
	before, _ := o.begin(time.Now())
	o.end(t.Context(), before, errBroken)
	o.end(t.Context(), before, nil)
	o.end(t.Context(), before, errBroken)
	_, try := o.begin(time.Now())
	assert.False(t, try)
	probe, try := o.begin(time.Now().Add(retryEvery))
	require.True(t, try)
	_, try = o.begin(time.Now().Add(retryEvery))
	assert.False(t, try, "one at a time")
	o.end(t.Context(), probe, nil)
	o.end(t.Context(), before, errBroken)
	_, try = o.begin(time.Now())
	assert.True(t, try)
	assert.Equal(t, 2, strings.Count(said.String(), "\n"), said)
}

// A store that really cannot be reached.
func TestLimiter_WithoutAServerTheQuotaHolds(t *testing.T) {
	t.Parallel()
	server, err := redistest.Start(t.Context())
	require.NoError(t, err)
	redis := openRedis(t, domain.NewSecret(server.URL()))
	require.NoError(t, server.Close())
	pool := connect(t, "postgres://nobody@127.0.0.1:1/nothing?sslmode=disable")
	for name, store := range map[string]Store{"redis": redis, "postgres": NewDatabaseStore(pool)} {
		said := &journal{}
		l := newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: store, Logger: said.logger()})
		for i := range 20 {
			assert.Equal(t, i >= 10, l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"}).Refused, name)
		}
		assert.Equal(t, 1, strings.Count(said.String(), "\n"), said)
		assert.GreaterOrEqual(t, l.Counts().Fallbacks, uint64(20), name)
	}
	_, err = NewDatabaseStore(pool).DeleteExpired(t.Context(), 10)
	require.ErrorIs(t, err, domain.ErrUnavailable)
}

// neither a clock that is set back nor a formerly larger quota blocks a
// client for longer than the limit allows.
func TestR22_LimiterNeverBlocksForLongerThanItsTime(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(t)
	now := time.Now()
	store.memory.SetTimeNow(func() time.Time { return now })
	hours := newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: store})
	minutes := func() ports.Verdict { // a replica that remembers no refusal
		l := newLimiter(t, Options{Quotas: quotasOf(domain.Quota{Events: 10, Per: time.Minute}), Store: store})
		return l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"})
	}
	for range 10 {
		require.False(t, hours.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "key"}).Refused)
	}
	v := minutes()
	require.True(t, v.Refused)
	assert.Equal(t, 6*time.Second, v.RetryAfter)
	now = now.Add(v.RetryAfter - 24*time.Hour)
	v = minutes()
	require.True(t, v.Refused)
	assert.Equal(t, 6*time.Second, v.RetryAfter)
	now = now.Add(v.RetryAfter)
	assert.False(t, minutes().Refused)
}

// A key that the store has refused is refused without the store until its time is over.
func TestLimiter_RemembersRefusalsOfTheStore(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(t)
	l := newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: store})
	now := time.Now()
	l.now = func() time.Time { return now }
	key := ports.Count{Limit: ports.LimitLoginIP, Key: "key"}
	var v ports.Verdict
	for !v.Refused {
		v = l.Take(t.Context(), key)
	}
	require.True(t, v.First)
	calls := store.calls.Load()
	assert.True(t, l.Take(t.Context(), key).Refused)
	assert.Equal(t, calls, store.calls.Load(), "the store was not asked")
	now = now.Add(v.RetryAfter - time.Second)
	want := ports.Verdict{Refused: true, Limit: key.Limit, Quota: tenAnHour, RetryAfter: time.Second}
	assert.Equal(t, want, l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginAccount, Key: "other"}, key))
	assert.Equal(t, calls, store.calls.Load(), "the store was not asked")
	now = now.Add(time.Second)
	l.Take(t.Context(), key)
	assert.Greater(t, store.calls.Load(), calls, "the store is asked again")
	assert.False(t, l.Take(t.Context(), ports.Count{Limit: ports.LimitLoginIP, Key: "other"}).Refused)
}

// takes is a store that notes the events it is asked for.
type takes struct {
	Store
	events []Event
}

func (s *takes) Take(ctx context.Context, events ...Event) (Result, error) {
	s.events = append(s.events, events...)
	return s.Store.Take(ctx, events...)
}

// The event that uses up a quota tells that the next one is refused. Only the record of the
// first refusal asks the store again.
func TestLimiter_KnowsWhenAQuotaIsSpent(t *testing.T) {
	t.Parallel()
	store := &takes{Store: newFaultyStore(t)}
	l := newLimiter(t, Options{Quotas: quotasOf(tenAnHour), Store: store})
	key := ports.Count{Limit: ports.LimitLoginIP, Key: "key"}
	for range 10 {
		require.False(t, l.Take(t.Context(), key).Refused)
	}
	store.events = nil
	v := l.Take(t.Context(), key)
	assert.True(t, v.Refused)
	assert.True(t, v.First)
	assert.InDelta(t, 6*time.Minute, v.RetryAfter, float64(time.Second))
	assert.Equal(t, []Event{{Key: storeKey(kindRefusal, key.Limit, key.Key), Quota: domain.Quota{Events: 1, Per: time.Hour}}}, store.events)
	for range 10 {
		v = l.Take(t.Context(), key)
		assert.True(t, v.Refused)
		assert.False(t, v.First)
	}
	assert.Len(t, store.events, 1, "later refusals ask for nothing")
}

// V-35: a limit is off only if its quota is zero.
func TestV35_New_RefusesQuotasWithoutEffect(t *testing.T) {
	t.Parallel()
	missing := quotasOf(tenAnHour)
	delete(missing, ports.LimitLoginIP)
	unknown := quotasOf(tenAnHour)
	unknown["nothing"] = tenAnHour
	for name, options := range map[string]Options{
		"login_ip has no quota":        {Quotas: missing},
		"register_ip has no quota":     {},
		`unknown rate limit "nothing"`: {Quotas: unknown},
		"cannot be 5 in 0s":            {Quotas: quotasOf(domain.Quota{Events: 5})},
		"cannot be -1 in 1h0m0s":       {Quotas: quotasOf(domain.Quota{Events: -1, Per: time.Hour})},
		"the timeout of the rate limi": {Quotas: quotasOf(tenAnHour), Timeout: -1},
	} {
		_, err := New(options)
		require.ErrorContains(t, err, name)
	}
}
