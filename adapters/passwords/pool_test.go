package passwords

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// do runs a job in a place of its own.
func do(ctx context.Context, p *pool, run func()) error {
	if _, err := p.reserve(ctx, ports.Reservation{}); err != nil {
		return err
	}
	return p.do(ctx, ports.Reservation{}, time.Now(), run, func() {})
}

// busyPool returns a pool whose workers are all busy until release is called.
func busyPool(t *testing.T, workers, queue int) (p *pool, release func()) {
	t.Helper()
	p = newPool(workers, queue, time.Millisecond, Watch{})
	held := make(chan struct{})
	release = sync.OnceFunc(func() { close(held) })
	t.Cleanup(func() { release(); p.close() })
	var started, ended sync.WaitGroup
	t.Cleanup(ended.Wait)
	t.Cleanup(release)
	for range workers {
		started.Add(1)
		ended.Go(func() {
			assert.NoError(t, do(context.WithoutCancel(t.Context()), p, func() { started.Done(); <-held }))
		})
	}
	started.Wait()
	for i := range p.running {
		p.running[i].Store(0) // the clock of a test does not make the running hashes slow
	}
	return p, release
}

func TestPool_RefusesAtOnceBeyondItsQueue(t *testing.T) {
	t.Parallel()
	p, release := busyPool(t, 2, 3)
	var waiting sync.WaitGroup
	var ran atomic.Int32
	for range 3 {
		_, err := p.reserve(t.Context(), ports.Reservation{Known: true})
		require.NoError(t, err)
		waiting.Go(func() {
			assert.NoError(t, p.do(context.WithoutCancel(t.Context()), ports.Reservation{}, time.Now(), func() { ran.Add(1) }, func() {}))
		})
	}
	require.Eventually(t, func() bool { return len(p.jobs) == 3 }, time.Minute, time.Millisecond)
	_, err := p.reserve(t.Context(), ports.Reservation{Known: true})
	require.ErrorIs(t, err, domain.ErrOverloaded)
	var refusal *domain.Error
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, leastRetry, refusal.RetryAfter)
	stats := (&Hasher{pool: p, argon: newTurns(1)}).Stats()
	assert.Positive(t, stats.Wait)
	stats.Wait = 0
	assert.Equal(t, Stats{Waiting: 3, Capacity: 3, Workers: 2, Places: 5, Held: 5, Admitted: 5, Refused: Refusals{Full: 1}}, stats)
	release()
	waiting.Wait()
	assert.EqualValues(t, 3, ran.Load())
	assert.NoError(t, do(t.Context(), p, func() {}), "it takes work again once there is room")
}

// A job whose caller has gone was in the queue, but is not hashed.
func TestPool_ReportsTheTimesOfEachJob(t *testing.T) {
	t.Parallel()
	waited, hashed := make(chan time.Duration, 9), make(chan time.Duration, 9)
	p := newPool(1, 4, time.Millisecond, Watch{
		Waited: func(d time.Duration) { waited <- d },
		Hashed: func(d time.Duration) { hashed <- d },
	})
	defer p.close()
	const work = 20 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error, 1)
	require.NoError(t, do(t.Context(), p, func() {
		go func() { second <- do(ctx, p, func() { t.Error("it ran although its caller had gone") }) }()
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
	require.NoError(t, do(t.Context(), p, func() {}))
	assert.GreaterOrEqual(t, <-waited, time.Duration(0))
	assert.Less(t, <-hashed, work+time.Minute)
	assert.Empty(t, hashed, "the abandoned job was not hashed")
}

func TestPool_SkipsAbandonedJobs(t *testing.T) {
	t.Parallel()
	p, release := busyPool(t, 1, 16)
	ctx, cancel := context.WithCancel(t.Context())
	var gone sync.WaitGroup
	for range 4 {
		gone.Go(func() {
			assert.ErrorIs(t, do(ctx, p, func() { t.Error("an abandoned job ran") }), context.Canceled)
		})
	}
	require.Eventually(t, func() bool { return len(p.jobs) == 4 }, time.Minute, time.Millisecond)
	cancel()
	gone.Wait() // the callers leave while the worker is still busy
	release()
	assert.NoError(t, do(t.Context(), p, func() {}))
}

// A job that was admitted and would come too late is refused before it is hashed. One that
// has hardly waited runs in any case, so that the pace is measured anew.
func TestPool_HashesNothingThatWouldComeTooLate(t *testing.T) {
	t.Parallel()
	p := newPool(1, 16, time.Hour, Watch{})
	defer p.close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := p.reserve(ctx, ports.Reservation{})
	require.NoError(t, err)
	err = p.do(ctx, ports.Reservation{}, time.Now().Add(-time.Hour), func() { t.Error("it was hashed for nobody") }, func() {})
	require.ErrorIs(t, err, domain.ErrOverloaded)
	assert.EqualValues(t, 1, p.admission.refused.Late)
	assert.Zero(t, p.admission.held)
	require.NoError(t, do(ctx, p, func() {}))
	assert.Less(t, p.admission.perHash, time.Hour)
	assert.Zero(t, p.wasted.Load())
}

// A hash whose request ended meanwhile was spent in vain, and is counted.
func TestPool_CountsHashesSpentInVain(t *testing.T) {
	t.Parallel()
	p := newPool(1, 1, time.Millisecond, Watch{})
	defer p.close()
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, do(ctx, p, cancel), context.Canceled)
	require.Eventually(t, func() bool { return p.wasted.Load() == 1 }, time.Minute, time.Millisecond)
}

func TestPool_DoesNotTakeWorkOfAnEndedContext(t *testing.T) {
	t.Parallel()
	p := newPool(1, 1, time.Millisecond, Watch{})
	defer p.close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, do(ctx, p, func() { t.Error("it ran") }), context.Canceled)
}

func TestPool_CloseFinishesWaitingJobsAndRefusesMore(t *testing.T) {
	t.Parallel()
	p, release := busyPool(t, 1, 16)
	var ran atomic.Int32
	var waiting sync.WaitGroup
	for range 5 {
		waiting.Go(func() { assert.NoError(t, do(context.WithoutCancel(t.Context()), p, func() { ran.Add(1) })) })
	}
	require.Eventually(t, func() bool { return len(p.jobs) == 5 }, time.Minute, time.Millisecond)
	closed := make(chan struct{})
	go func() { p.close(); close(closed) }()
	require.Eventually(t, func() bool { p.mu.RLock(); defer p.mu.RUnlock(); return p.closed }, time.Minute, time.Millisecond)
	assert.ErrorIs(t, do(t.Context(), p, func() {}), domain.ErrUnavailable)
	release()
	<-closed
	waiting.Wait()
	assert.EqualValues(t, 5, ran.Load())
	assert.Zero(t, p.admission.held)
	p.close() // a second call does nothing
}

func TestPool_ManyCallersWhileItCloses(t *testing.T) {
	t.Parallel()
	p := newPool(2, 4, time.Millisecond, Watch{})
	var callers sync.WaitGroup
	for i := range 32 {
		callers.Go(func() {
			for range 50 {
				ctx := context.WithoutCancel(t.Context())
				terms := ports.Reservation{Network: strconv.Itoa(i % 3), Known: i%2 == 0, Account: domain.UserID{byte(i & 3)}}
				_, err := p.reserve(ctx, terms)
				if err == nil {
					err = p.do(ctx, terms, time.Now(), func() {}, func() {})
				}
				if err != nil {
					var refusal *domain.Error
					assert.ErrorAs(t, err, &refusal)
				}
			}
		})
	}
	p.close()
	callers.Wait()
	assert.Zero(t, p.admission.held, "every place was given back")
	assert.Empty(t, p.admission.byNetwork)
	assert.Empty(t, p.admission.byAccount)
}

// Not parallel: GOMAXPROCS belongs to the whole process.
//
//nolint:paralleltest // see above
func TestPool_RaisesGOMAXPROCSWhileItIsOpen(t *testing.T) {
	before, usable := runtime.GOMAXPROCS(0), cores()
	one := newPool(3, 1, time.Second, Watch{})
	two := newPool(2, 1, time.Second, Watch{})
	assert.Equal(t, before+5, runtime.GOMAXPROCS(0))
	assert.Equal(t, usable, cores(), "another pool's processors are not counted as cores")
	one.close()
	one.close()
	assert.Equal(t, before+2, runtime.GOMAXPROCS(0))
	two.close()
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
}

func TestOptions_TheDefaultQueueHoldsWhatAFastMachineDoes(t *testing.T) {
	t.Parallel()
	for cost, perWorker := range map[int]int{10: 128, 11: 64, 12: 32, 13: 16, 14: 8, 15: 8} {
		o := Options{Cost: cost, Workers: 3}
		require.NoError(t, o.complete())
		assert.Equal(t, 3*perWorker, o.Queue)
	}
	var o Options
	require.NoError(t, o.complete())
	assert.Equal(t, DefaultCost, o.Cost)
	assert.Positive(t, o.Workers)
}
