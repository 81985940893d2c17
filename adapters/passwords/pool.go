package passwords

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Limits of the pool's size.
const (
	maxWorkers = 256
	maxQueue   = 1 << 16
)

// drainTime is about how long a full queue of the default length takes, and
// therefore when a retry makes sense.
const drainTime = 2 * time.Second

// queuePerWorker returns the number of hashes of a cost that a worker makes in
// drainTime, on a machine that needs a quarter of a second for one of cost 12.
func queuePerWorker(cost int) int { return max(2, 1<<15>>cost) }

// pool runs heavy work on a fixed number of threads of the lowest priority.
//
// A hashing goroutine holds its processor for a quarter of a second. Even if
// preempted, it takes its fair share of the cores, and light requests queue
// behind it. Therefore each worker owns a thread that the operating system runs
// only when no other thread of the service wants the core. GOMAXPROCS is raised
// by the number of workers, so that the Go scheduler always has processors left
// for everything else.
type pool struct {
	workers int
	jobs    chan *job
	done    sync.WaitGroup
	refused atomic.Uint64
	watch   Watch

	mu     sync.RWMutex // held for writing only to close jobs
	closed bool
}

// job is one piece of work. The worker closes done after it has run or skipped
// the job.
type job struct {
	ctx  context.Context
	run  func()
	at   time.Time // when it was enqueued
	err  error
	done chan struct{}
	over func() // is called when the job has run or is not going to
}

func newPool(workers, queue int, watch Watch) *pool {
	p := &pool{workers: workers, jobs: make(chan *job, queue), watch: watch.complete()}
	addProcessors(workers)
	for range workers {
		p.done.Go(p.work)
	}
	return p
}

// do runs run on a worker and waits for it, or for ctx to end. Errors:
// domain.ErrOverloaded if the queue is full, domain.ErrUnavailable after close,
// the context's. After an error run may still be running, so do not read what it
// writes.
func (p *pool) do(ctx context.Context, run func()) error { return p.doThen(ctx, run, func() {}) }

// doThen does as do, and calls over once the job has run, or is not going to. That may
// be after doThen has returned.
func (p *pool) doThen(ctx context.Context, run, over func()) error {
	if err := ctx.Err(); err != nil {
		over()
		return err
	}
	j := &job{ctx: ctx, run: run, at: time.Now(), done: make(chan struct{}), over: over}
	if err := p.enqueue(j); err != nil {
		over()
		return err
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pool) enqueue(j *job) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return domain.ErrUnavailable
	}
	select {
	case p.jobs <- j:
		return nil
	default:
		p.refused.Add(1)
		return domain.ErrOverloaded.WithRetryAfter(drainTime)
	}
}

// work is the life of a worker. Its thread is never unlocked, because its low
// priority is permanent; the thread ends with the goroutine. It may be the main
// thread, and tools that look only at that one then call the process nice.
func (p *pool) work() {
	runtime.LockOSThread()
	lowerThreadPriority()
	for j := range p.jobs {
		began := time.Now()
		p.watch.Waited(began.Sub(j.at))
		// The caller has gone: the next job needs the core more.
		if j.err = j.ctx.Err(); j.err == nil {
			j.run()
			p.watch.Hashed(time.Since(began))
		}
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
