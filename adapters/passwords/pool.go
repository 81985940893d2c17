package passwords

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Limits of the pool's size.
const (
	maxWorkers = 256
	maxQueue   = 1 << 16
)

// queuePerWorker returns how many passwords of a cost may wait for each worker, as many
// as it hashes in patience on a machine that takes a thirteenth of a second for one of cost
// 12. On slower machines admission ends before.
func queuePerWorker(cost int) int { return max(8, 1<<17>>cost) }

// pool runs heavy work on a fixed number of threads of low priority.
//
// A hashing goroutine holds its processor for a quarter of a second. Even if
// preempted, it takes its fair share of the cores, and light requests queue
// behind it. Therefore each worker owns a thread that the operating system runs
// only when no other thread of the service wants the core. GOMAXPROCS is raised
// by the number of workers, so that the Go scheduler always has processors left
// for everything else.
type pool struct {
	workers   int
	jobs      chan *job
	admission *admission
	running   []atomic.Int64 // when each worker began its hash, in Unix nanoseconds; 0 between hashes
	done      sync.WaitGroup
	wasted    atomic.Uint64
	watch     Watch

	mu     sync.RWMutex // held for writing only to close jobs
	closed bool
}

// job is one piece of work, which has a place by terms. The worker closes done after
// it has run or skipped the job.
type job struct {
	ctx   context.Context
	terms ports.Reservation
	run   func()
	at    time.Time // when it began to wait
	err   error
	done  chan struct{}
	over  func() // is called when the job has run or is not going to
}

func newPool(workers, queue int, guess time.Duration, watch Watch) *pool {
	p := &pool{
		workers: workers, jobs: make(chan *job, workers+queue), admission: newAdmission(workers, queue, guess),
		running: make([]atomic.Int64, workers), watch: watch.complete(),
	}
	addProcessors(workers)
	for i := range workers {
		p.done.Go(func() { p.work(&p.running[i]) })
	}
	return p
}

// reserve takes places for a request, and returns how many. Errors: domain.ErrOverloaded,
// domain.ErrUnavailable after close, the context's.
func (p *pool) reserve(ctx context.Context, r ports.Reservation) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	p.mu.RLock()
	closed := p.closed
	p.mu.RUnlock()
	if closed {
		return 0, domain.ErrUnavailable
	}
	return p.admission.reserve(r, timeLeft(ctx), p.longest())
}

// timeLeft returns how long the request of a context has left. Callers in the same process
// may set no deadline.
func timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return math.MaxInt64
	}
	return max(0, time.Until(deadline))
}

// longest returns how long the hash that runs longest has taken so far.
func (p *pool) longest() (longest time.Duration) {
	now := time.Now().UnixNano()
	for i := range p.running {
		if began := p.running[i].Load(); began != 0 {
			longest = max(longest, time.Duration(now-began))
		}
	}
	return longest
}

// do runs run on a worker, in a place that the caller has reserved by terms and that
// is free again afterwards. since is when the password began to wait. do waits for the
// worker, or for ctx to end. over is called once run has run, or is not going to. That may
// be after do has returned. Errors:
// domain.ErrOverloaded if the answer could not be in time any more, domain.ErrUnavailable
// after close, the context's. After an error run may still be running, so do not read what
// it writes.
func (p *pool) do(ctx context.Context, terms ports.Reservation, since time.Time, run, over func()) error {
	j := &job{ctx: ctx, terms: terms, run: run, at: since, done: make(chan struct{}), over: over}
	if !p.enqueue(j) {
		p.admission.giveBack(terms, 1)
		over()
		return domain.ErrUnavailable
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enqueue reports whether the pool takes the job. There is room for each job that has a
// place.
func (p *pool) enqueue(j *job) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return false
	}
	p.jobs <- j
	return true
}

// work is the life of a worker. Its thread is never unlocked, because its low
// priority is permanent; the thread ends with the goroutine. It may be the main
// thread, and tools that look only at that one then call the process nice.
func (p *pool) work(running *atomic.Int64) {
	runtime.LockOSThread()
	lowerThreadPriority()
	for j := range p.jobs {
		began := time.Now()
		waited := began.Sub(j.at)
		p.watch.Waited(waited)
		switch {
		case j.ctx.Err() != nil: // the caller has gone: the next job needs the core more
			j.err = j.ctx.Err()
		case p.admission.isLate(waited, timeLeft(j.ctx)):
			j.err = domain.ErrOverloaded.WithRetryAfter(patience)
		default:
			running.Store(began.UnixNano())
			j.run()
			running.Store(0)
			took := time.Since(began)
			p.admission.measured(took)
			p.watch.Hashed(took)
			if j.ctx.Err() != nil {
				p.wasted.Add(1)
			}
		}
		p.admission.giveBack(j.terms, 1)
		j.over()
		close(j.done)
	}
}

// close refuses new jobs, finishes the queued ones and ends the workers.
func (p *pool) close() {
	p.mu.Lock()
	first := !p.closed
	if first {
		p.closed = true
		close(p.jobs)
	}
	p.mu.Unlock()
	p.done.Wait()
	if first {
		addProcessors(-p.workers)
	}
}

// added is the number by which all pools of this process have raised GOMAXPROCS,
// which is a setting of the whole process.
var added struct {
	sync.Mutex
	processors int
}

func addProcessors(n int) {
	added.Lock()
	defer added.Unlock()
	added.processors += n
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
}

// cores returns the value that GOMAXPROCS would have without any pool.
func cores() int {
	added.Lock()
	defer added.Unlock()
	return runtime.GOMAXPROCS(0) - added.processors
}
