package passwords

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// busyPool returns a pool whose workers are all busy until release is called.
func busyPool(t *testing.T, workers, queue int) (p *pool, release func()) {
	t.Helper()
	p = newPool(workers, queue, Watch{})
	held := make(chan struct{})
	release = sync.OnceFunc(func() { close(held) })
	t.Cleanup(func() { release(); p.close() })
	var started, ended sync.WaitGroup
	t.Cleanup(ended.Wait)
	t.Cleanup(release)
	for range workers {
		started.Add(1)
		ended.Go(func() {
			assert.NoError(t, p.do(context.WithoutCancel(t.Context()), func() { started.Done(); <-held }))
		})
		started.Wait() // one by one, because the queue may have fewer places than there are workers
	}
	return p, release
}

func TestPool_RefusesAtOnceBeyondItsQueue(t *testing.T) {
	t.Parallel()
	p, release := busyPool(t, 2, 3)
	var waiting sync.WaitGroup
	var ran atomic.Int32
	for range 3 {
		waiting.Go(func() { assert.NoError(t, p.do(context.WithoutCancel(t.Context()), func() { ran.Add(1) })) })
	}
	require.Eventually(t, func() bool { return len(p.jobs) == 3 }, time.Minute, time.Millisecond)
	err := p.do(t.Context(), func() { t.Error("a refused job ran") })
	require.ErrorIs(t, err, domain.ErrOverloaded)
	var refusal *domain.Error
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, drainTime, refusal.RetryAfter)
	assert.Equal(t, Stats{Waiting: 3, Capacity: 3, Workers: 2, Refused: 1}, (&Hasher{pool: p, argon: newTurns(1)}).Stats())
	release()
	waiting.Wait()
	assert.EqualValues(t, 3, ran.Load())
	assert.NoError(t, p.do(t.Context(), func() {}), "it takes work again once there is room")
}

// A job whose caller has gone was in the queue, but is not hashed.
func TestPool_ReportsTheTimesOfEachJob(t *testing.T) {
	t.Parallel()
	waited, hashed := make(chan time.Duration, 9), make(chan time.Duration, 9)
	p := newPool(1, 1, Watch{
		Waited: func(d time.Duration) { waited <- d },
		Hashed: func(d time.Duration) { hashed <- d },
	})
	defer p.close()
	const work = 20 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error, 1)
	require.NoError(t, p.do(t.Context(), func() {
		go func() { second <- p.do(ctx, func() { t.Error("it ran although its caller had gone") }) }()
		for len(p.jobs) == 0 {
			time.Sleep(time.Millisecond) // poll
		}
		cancel()
		time.Sleep(work) // plays the time of a hash
	}))
	require.ErrorIs(t, <-second, context.Canceled)
	assert.GreaterOrEqual(t, <-waited, time.Duration(0))
	assert.GreaterOrEqual(t, <-hashed, work)
	assert.GreaterOrEqual(t, <-waited, work, "the second job waited behind the first")
	require.NoError(t, p.do(t.Context(), func() {}))
	assert.GreaterOrEqual(t, <-waited, time.Duration(0))
	assert.Less(t, <-hashed, work+time.Minute)
	assert.Empty(t, hashed, "the abandoned job was not hashed")
}

func TestPool_SkipsAbandonedJobs(t *testing.T) {
	t.Parallel()
	p, release := busyPool(t, 1, 8)
	ctx, cancel := context.WithCancel(t.Context())
	var gone sync.WaitGroup
	for range 4 {
		gone.Go(func() {
			assert.ErrorIs(t, p.do(ctx, func() { t.Error("an abandoned job ran") }), context.Canceled)
		})
	}
	require.Eventually(t, func() bool { return len(p.jobs) == 4 }, time.Minute, time.Millisecond)
	cancel()
	gone.Wait() // the callers leave while the worker is still busy
	release()
	assert.NoError(t, p.do(t.Context(), func() {}))
}

func TestPool_DoesNotTakeWorkOfAnEndedContext(t *testing.T) {
	t.Parallel()
	p := newPool(1, 1, Watch{})
	defer p.close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, p.do(ctx, func() { t.Error("it ran") }), context.Canceled)
}

func TestPool_CloseFinishesWaitingJobsAndRefusesMore(t *testing.T) {
	t.Parallel()
	p, release := busyPool(t, 1, 8)
	var ran atomic.Int32
	var waiting sync.WaitGroup
	for range 5 {
		waiting.Go(func() { assert.NoError(t, p.do(context.WithoutCancel(t.Context()), func() { ran.Add(1) })) })
	}
	require.Eventually(t, func() bool { return len(p.jobs) == 5 }, time.Minute, time.Millisecond)
	closed := make(chan struct{})
	go func() { p.close(); close(closed) }()
	require.Eventually(t, func() bool { p.mu.RLock(); defer p.mu.RUnlock(); return p.closed }, time.Minute, time.Millisecond)
	assert.ErrorIs(t, p.do(t.Context(), func() {}), domain.ErrUnavailable)
	release()
	<-closed
	waiting.Wait()
	assert.EqualValues(t, 5, ran.Load())
	p.close() // a second call does nothing
}

func TestPool_ManyCallersWhileItCloses(t *testing.T) {
	t.Parallel()
	p := newPool(2, 4, Watch{})
	var callers sync.WaitGroup
	for range 32 {
		callers.Go(func() {
			for range 50 {
				if err := p.do(context.WithoutCancel(t.Context()), func() {}); err != nil {
					var refusal *domain.Error
					assert.ErrorAs(t, err, &refusal)
				}
			}
		})
	}
	p.close()
	callers.Wait()
}

// Not parallel: GOMAXPROCS belongs to the whole process.
//
//nolint:paralleltest // see above
func TestPool_RaisesGOMAXPROCSWhileItIsOpen(t *testing.T) {
	before, usable := runtime.GOMAXPROCS(0), cores()
	one := newPool(3, 1, Watch{})
	two := newPool(2, 1, Watch{})
	assert.Equal(t, before+5, runtime.GOMAXPROCS(0))
	assert.Equal(t, usable, cores(), "another pool's processors are not counted as cores")
	one.close()
	one.close()
	assert.Equal(t, before+2, runtime.GOMAXPROCS(0))
	two.close()
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
}

func TestOptions_DefaultQueueIsTwoSecondsOfWork(t *testing.T) {
	t.Parallel()
	for cost, perWorker := range map[int]int{10: 32, 11: 16, 12: 8, 13: 4, 14: 2, 15: 2} {
		o := Options{Cost: cost, Workers: 3}
		require.NoError(t, o.complete())
		assert.Equal(t, 3*perWorker, o.Queue)
	}
	var o Options
	require.NoError(t, o.complete())
	assert.Equal(t, DefaultCost, o.Cost)
	assert.Positive(t, o.Workers)
}
