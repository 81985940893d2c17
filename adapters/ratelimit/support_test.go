package ratelimit

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/throttled/throttled/v2/store/memstore"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/redistest"
)

// patient is a timeout that even a slow machine keeps.
const patient = time.Minute

// quotasOf returns a quota for each limit.
func quotasOf(quota domain.Quota) map[ports.Limit]domain.Quota {
	quotas := map[ports.Limit]domain.Quota{}
	for _, limit := range ports.Limits() {
		quotas[limit] = quota
	}
	return quotas
}

func newLimiter(t testing.TB, options Options) *Limiter {
	t.Helper()
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	l, err := New(options)
	require.NoError(t, err)
	t.Cleanup(l.Close)
	return l
}

// migrate creates the table as the migration does.
func migrate(t testing.TB, url string) {
	t.Helper()
	step, err := os.ReadFile("../../migrations/0005_rate_limits.postgres.sql")
	require.NoError(t, err)
	pool, err := sql.Open("pgx", url)
	require.NoError(t, err)
	_, err = pool.ExecContext(t.Context(), string(step))
	require.NoError(t, err)
	require.NoError(t, pool.Close())
}

// connect opens a pool as a replica does.
func connect(t testing.TB, url string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("pgx", url)
	require.NoError(t, err)
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(8)
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// sharedStore is a kind of store that replicas share. fresh makes an empty one;
// each call of the returned function is the view of another replica.
type sharedStore struct {
	name  string
	fresh func(t testing.TB) func() Store
}

var sharedStores = []sharedStore{
	{"postgres", func(t testing.TB) func() Store {
		t.Helper()
		url := postgrestest.NewDatabaseFrom(t, migrate)
		return func() Store { return NewDatabaseStore(connect(t, url)) }
	}},
	{"redis", func(t testing.TB) func() Store {
		t.Helper()
		url := domain.NewSecret(redistest.NewDatabase(t))
		return func() Store { return openRedis(t, url) }
	}},
}

// onShared runs a test on each kind of shared store.
func onShared(t *testing.T, test func(t *testing.T, replica func() Store)) {
	for _, kind := range sharedStores {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			test(t, kind.fresh(t))
		})
	}
}

func openRedis(t testing.TB, url domain.Secret) *RedisStore {
	t.Helper()
	store, err := OpenRedis(url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// errBroken is the error of a broken store.
var errBroken = errors.New("broken on purpose")

// faultyStore is a store in memory whose faults a test switches on.
type faultyStore struct {
	*throttledStore
	*faultyCounts
}

// faultyCounts are its counts.
type faultyCounts struct {
	memory *memstore.MemStore
	broken atomic.Bool
	hung   atomic.Bool
	calls  atomic.Int64
	// lost is the number of swaps that are still to be lost.
	lost atomic.Int64
}

func newFaultyStore(t testing.TB) *faultyStore {
	t.Helper()
	memory, err := memstore.New(0)
	require.NoError(t, err)
	counts := &faultyCounts{memory: memory}
	return &faultyStore{newThrottledStore(counts), counts}
}

func (s *faultyCounts) fault(ctx context.Context) error {
	s.calls.Add(1)
	if s.hung.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if s.broken.Load() {
		return errBroken
	}
	return nil
}

func (s *faultyCounts) GetWithTime(ctx context.Context, key string) (int64, time.Time, error) {
	if err := s.fault(ctx); err != nil {
		return 0, time.Time{}, err
	}
	return s.memory.GetWithTime(key)
}

func (s *faultyCounts) SetIfNotExistsWithTTL(ctx context.Context, key string, value int64, ttl time.Duration) (bool, error) {
	if err := s.fault(ctx); err != nil {
		return false, err
	}
	return s.memory.SetIfNotExistsWithTTL(key, value, ttl)
}

func (s *faultyCounts) CompareAndSwapWithTTL(ctx context.Context, key string, old, value int64, ttl time.Duration) (bool, error) {
	if err := s.fault(ctx); err != nil {
		return false, err
	}
	if s.lost.Add(-1) >= 0 {
		return false, nil
	}
	return s.memory.CompareAndSwapWithTTL(key, old, value, ttl)
}

func (s *faultyStore) Generation(ctx context.Context) (int64, error) { return 0, s.fault(ctx) }

func (s *faultyStore) DeleteExpired(context.Context, int) (int, error) { return 0, nil }

// journal collects log lines.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(j, nil)) }
