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

func TestStores_PassTheSuiteOfThrottled(t *testing.T) {
	t.Parallel()
	onShared(t, func(t *testing.T, replica func() Store) {
		store := replica()
		_, _, err := store.GetWithTime(t.Context(), "warm") // the first call of the suite must not wait for a connection
		require.NoError(t, err)
		storetest.TestGCRAStoreCtx(t, store)
		storetest.TestGCRAStoreTTLCtx(t, store)
	})
}

func BenchmarkStores(b *testing.B) {
	for _, kind := range sharedStores {
		b.Run(kind.name, func(b *testing.B) { storetest.BenchmarkGCRAStoreCtx(b, kind.fresh(b)()) })
	}
}
