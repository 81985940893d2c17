package memory

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/seed543b3b27/auth-service/ports"
)

// Queue keeps mail jobs. After Deliver, each job is done synchronously: after the
// commit of its unit of work and before that unit's Do returns. After Pause, jobs
// wait for RunAll. A job that fails stays pending, and the request that enqueued it
// still succeeds. A job is given up if it fails with ports.ErrMailRejected, or after the
// delivery once it has expired.
type Queue struct {
	clock ports.Clock

	mu      sync.Mutex
	deliver ports.UseCase[ports.MailJob, ports.None]
	paused  bool
	// entries are the jobs that are not done, in the order of commits.
	entries []*entry
}

// jobs enqueues to the queue of a store when the call or its unit commits.
type jobs struct{ in scope }

var _ ports.Jobs = jobs{}

func (j jobs) Enqueue(ctx context.Context, job ports.MailJob) error {
	return j.in.call(ctx, writing, func(u *unit) error {
		u.jobs = append(u.jobs, job)
		return nil
	})
}

// entry is a job with its state.
type entry struct {
	job      ports.MailJob
	running  bool
	failures int
}

// errNoDelivery reports a RunAll before Deliver.
var errNoDelivery = errors.New("memory: the queue has no delivery; call Queue.Deliver")

// NewQueue returns an empty queue that keeps its jobs until Deliver is called. Jobs
// expire by clock.
func NewQueue(clock ports.Clock) *Queue { return &Queue{clock: clock} }

// Deliver sets the use case that does new jobs. Pending jobs wait for RunAll.
func (q *Queue) Deliver(deliver ports.UseCase[ports.MailJob, ports.None]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.deliver = deliver
}

// Pause makes new jobs wait for RunAll.
func (q *Queue) Pause() { q.setPaused(true) }

// Resume does new jobs at once again. Pending jobs wait for RunAll.
func (q *Queue) Resume() { q.setPaused(false) }

func (q *Queue) setPaused(paused bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.paused = paused
}

// Pending returns the jobs that are not done, in the order in which they were
// committed.
func (q *Queue) Pending() []ports.MailJob {
	q.mu.Lock()
	defer q.mu.Unlock()
	jobs := make([]ports.MailJob, 0, len(q.entries))
	for _, e := range q.entries {
		jobs = append(jobs, e.job)
	}
	return jobs
}

// RunAll does each pending job once, including jobs that are enqueued meanwhile. It
// continues after a failure. Errors: the first failure.
func (q *Queue) RunAll(ctx context.Context) error {
	var first error
	tried := map[*entry]bool{}
	for {
		e := q.claim(func(e *entry) bool { return !tried[e] })
		if e == nil {
			return first
		}
		tried[e] = true
		err := q.run(ctx, e)
		if first == nil {
			first = err
		}
	}
}

// publish makes committed jobs visible.
func (q *Queue) publish(jobs ...ports.MailJob) []*entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	published := make([]*entry, 0, len(jobs))
	for _, job := range jobs {
		published = append(published, &entry{job: job})
	}
	q.entries = append(q.entries, published...)
	return published
}

// runAtOnce does jobs that were just published, unless they have to wait. The end of
// the request that enqueued them does not stop them.
func (q *Queue) runAtOnce(ctx context.Context, published []*entry) {
	for _, e := range published {
		q.mu.Lock()
		waits := q.paused || q.deliver == nil
		q.mu.Unlock()
		if waits {
			return
		}
		if q.claim(func(c *entry) bool { return c == e }) != nil {
			_ = q.run(context.WithoutCancel(ctx), e) // it stays pending
		}
	}
}

// claim takes the first wanted job that is not running, or returns nil.
func (q *Queue) claim(wanted func(*entry) bool) *entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.entries {
		if !e.running && wanted(e) {
			e.running = true
			return e
		}
	}
	return nil
}

// run does a claimed job, and keeps it only if it may succeed later.
func (q *Queue) run(ctx context.Context, e *entry) (err error) {
	q.mu.Lock()
	deliver := q.deliver
	q.mu.Unlock()
	keep := true
	defer func() { // also when the delivery panics
		q.mu.Lock()
		defer q.mu.Unlock()
		e.running = false
		if !keep {
			q.entries = slices.DeleteFunc(q.entries, func(other *entry) bool { return other == e })
		}
	}()
	if deliver == nil {
		return errNoDelivery
	}
	job := e.job
	job.Failures = e.failures
	e.failures++
	expired := !q.clock.Now().Before(job.ExpiresAt)
	_, err = deliver.Execute(ctx, job)
	keep = err != nil && !expired && !errors.Is(err, ports.ErrMailRejected) && !errors.Is(err, ports.ErrMailUnrecorded)
	return err
}
