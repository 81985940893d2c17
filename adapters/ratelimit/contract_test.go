package ratelimit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/throttled/throttled/v2/store/storetest"
	"go.uber.org/goleak"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/redistest"
)

// The Redis server that tests share ends with the process; so does the goroutine
// that waits for it.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/seed543b3b27/auth-service/test/kit/guard.(*Process).await"))
}

// keepsTheContract runs the suite on limiters that use the real time.
func keepsTheContract(t *testing.T, options func(t testing.TB) Options) {
	t.Helper()
	contract.RunRateLimiter(t, func(t testing.TB, quotas map[ports.Limit]domain.Quota) contract.RateLimits {
		t.Helper()
		o := options(t)
		o.Quotas = quotas
		return contract.RateLimits{Limiter: newLimiter(t, o), Pass: time.Sleep}
	})
}

func TestLimiter_InMemoryKeepsTheContract(t *testing.T) {
	t.Parallel()
	keepsTheContract(t, func(testing.TB) Options { return Options{} })
}

func TestLimiter_OnSharedStoresKeepsTheContract(t *testing.T) {
	t.Parallel()
	for _, kind := range sharedStores {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			keepsTheContract(t, func(t testing.TB) Options {
				t.Helper()
				return Options{Store: kind.fresh(t)(), Timeout: patient}
			})
		})
	}
}

func TestLimiter_KeepsTheContractOfLiftedLimits(t *testing.T) {
	t.Parallel()
	lifts := func(t *testing.T, options func(t testing.TB) Options) {
		t.Helper()
		contract.RunLiftedLimits(t, func(t testing.TB, quotas map[ports.Limit]domain.Quota) contract.RateLimits {
			t.Helper()
			o := options(t)
			o.Quotas = quotas
			return contract.RateLimits{Limiter: newLimiter(t, o), Pass: time.Sleep}
		})
	}
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		lifts(t, func(testing.TB) Options { return Options{} })
	})
	for _, kind := range sharedStores {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			lifts(t, func(t testing.TB) Options {
				t.Helper()
				return Options{Store: kind.fresh(t)(), Timeout: patient}
			})
		})
	}
}

func TestLimiter_WithABrokenStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	keepsTheContract(t, func(t testing.TB) Options {
		t.Helper()
		store := newFaultyStore(t)
		store.broken.Store(true)
		return Options{Store: store}
	})
}

func TestLimiter_WithAHungStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	keepsTheContract(t, func(t testing.TB) Options {
		t.Helper()
		store := newFaultyStore(t)
		store.hung.Store(true)
		return Options{Store: store, Timeout: time.Millisecond}
	})
}

func TestRedisStore_PassesTheSuiteOfThrottled(t *testing.T) {
	t.Parallel()
	store := openRedis(t, domain.NewSecret(redistest.NewDatabase(t)))
	require.NoError(t, store.Ping(t.Context())) // the first call of the suite must not wait for a connection
	storetest.TestGCRAStoreCtx(t, store.store)
	storetest.TestGCRAStoreTTLCtx(t, store.store)
}

// The counts of a login, in one call.
func BenchmarkStores(b *testing.B) {
	for _, kind := range sharedStores {
		b.Run(kind.name, func(b *testing.B) {
			store, quota := kind.fresh(b)(), domain.Quota{Events: 1_000_000, Per: time.Second}
			for b.Loop() {
				_, err := store.Take(b.Context(), Event{"one", quota}, Event{"two", quota}, Event{"three", quota})
				require.NoError(b, err)
			}
		})
	}
}
