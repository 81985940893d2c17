package contract

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Queue is one empty, isolated queue, and the means to drive it.
type Queue struct {
	// Jobs enqueues outside of a unit of work.
	Jobs ports.Jobs
	// Unit runs fn in one transaction, which commits if fn returns nil and rolls back
	// otherwise. It returns the error of fn.
	Unit func(ctx context.Context, fn func(jobs ports.Jobs) error) error
	// Deliver hands every job to deliver until the test ends. It is called once.
	Deliver func(t testing.TB, deliver ports.UseCase[ports.MailJob, ports.None])
	// Retry tries failed jobs again. It does nothing if the queue retries by itself.
	Retry func()
	// Clock is the clock by which jobs expire. Wait moves it by d; it does nothing if
	// the clock moves by itself.
	Clock ports.Clock
	Wait  func(d time.Duration)
	// Pending returns how many jobs are neither done nor given up.
	Pending func(t testing.TB) int
}

// queuePatience bounds the wait for a queue that delivers in the background.
const queuePatience = 30 * time.Second

// RunJobs holds a queue to the contract of ports.Jobs. fresh makes an empty, isolated
// queue; it is called once per test, from parallel tests, and cleans up by t.Cleanup.
func RunJobs(t *testing.T, fresh func(t testing.TB) Queue) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, q queue){
		"DeliversCommittedJobsUnchanged":       deliversCommitted,
		"NeverDeliversJobsOfARollback":         deliversNothingRolledBack,
		"DeliversEachOfEqualJobs":              deliversEqualJobs,
		"DeliversConcurrentlyEnqueuedJobs":     deliversAtOnce,
		"RetriesUntilTheMailIsSent":            triesAgain,
		"GivesUpRejectedJobsAndContinues":      givesUpRejected,
		"GivesUpExpiredJobs":                   givesUpExpired,
		"GivesUpJobsThatNothingRecorded":       givesUpUnrecorded,
		"EnqueuesNothingWithACancelledContext": enqueuesNothingCancelled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, queue{Queue: fresh(t), worker: &worker{fails: map[domain.UserID][]error{}}})
		})
	}
}

// queue is the queue under test with a worker.
type queue struct {
	Queue
	worker *worker
}

// worker delivers jobs, and fails as a test wants.
type worker struct {
	mu   sync.Mutex
	done []ports.MailJob
	// fails are the errors of the next attempts at the job about a user. After the last
	// error the job succeeds.
	fails map[domain.UserID][]error
	tries map[domain.UserID]int
}

// Execute implements ports.UseCase.
func (w *worker) Execute(_ context.Context, job ports.MailJob) (ports.None, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tries == nil {
		w.tries = map[domain.UserID]int{}
	}
	w.tries[job.UserID]++
	if fails := w.fails[job.UserID]; len(fails) > 0 {
		w.fails[job.UserID] = fails[1:]
		return ports.None{}, fails[0]
	}
	w.done = append(w.done, job)
	return ports.None{}, nil
}

// tried returns the number of attempts at the job about a user.
func (w *worker) tried(id domain.UserID) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tries[id]
}

// delivered returns the jobs that succeeded.
func (w *worker) delivered() []ports.MailJob {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]ports.MailJob(nil), w.done...)
}

// job returns a notice about a new user.
func (q queue) job() ports.MailJob {
	now := q.Clock.Now()
	return ports.MailJob{
		Mail: domain.MailPasswordChanged, UserID: newID(),
		AcceptedAt: now, ExpiresAt: now.Add(ports.NoticeLife),
	}
}

// settle waits until no job is pending.
func (q queue) settle(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(queuePatience)
	for q.Retry(); q.Pending(t) > 0; q.Retry() {
		require.True(t, time.Now().Before(deadline), "%d jobs are still pending", q.Pending(t))
		time.Sleep(5 * time.Millisecond)
	}
}

func deliversCommitted(t *testing.T, q queue) {
	want := jobs()
	for i := range want {
		want[i].AcceptedAt = q.Clock.Now()
		want[i].ExpiresAt = want[i].AcceptedAt.Add(time.Hour)
	}
	full := want[len(want)-1]
	full.Failures = 1 // which the queue sets
	requireEveryField(t, full)
	require.NoError(t, q.Unit(t.Context(), func(jobs ports.Jobs) error { return enqueueAll(t.Context(), jobs, want[:4]) }))
	q.Deliver(t, q.worker)
	require.NoError(t, q.Unit(t.Context(), func(jobs ports.Jobs) error {
		err := enqueueAll(t.Context(), jobs, want[4:6])
		assert.Zero(t, q.worker.tried(want[4].UserID), "not before the commit")
		return err
	}))
	require.NoError(t, enqueueAll(t.Context(), q.Jobs, want[6:]))
	q.settle(t)
	assert.ElementsMatch(t, want, q.worker.delivered())
}

func deliversNothingRolledBack(t *testing.T, q queue) {
	q.Deliver(t, q.worker)
	refused := errors.New("refused")
	undone, done := q.job(), q.job()
	require.ErrorIs(t, q.Unit(t.Context(), func(jobs ports.Jobs) error {
		return errors.Join(jobs.Enqueue(t.Context(), undone), refused)
	}), refused)
	require.NoError(t, q.Jobs.Enqueue(t.Context(), done))
	q.settle(t)
	assert.Equal(t, []ports.MailJob{done}, q.worker.delivered())
}

// deliversEqualJobs holds that each accepted request causes a mail.
func deliversEqualJobs(t *testing.T, q queue) {
	job := q.job()
	want := []ports.MailJob{job, job, job}
	require.NoError(t, q.Unit(t.Context(), func(jobs ports.Jobs) error { return enqueueAll(t.Context(), jobs, want[:2]) }))
	require.NoError(t, q.Jobs.Enqueue(t.Context(), job))
	q.Deliver(t, q.worker)
	q.settle(t)
	assert.Equal(t, want, q.worker.delivered())
}

func deliversAtOnce(t *testing.T, q queue) {
	q.Deliver(t, q.worker)
	want := make([]ports.MailJob, 40)
	for i := range want {
		want[i] = q.job()
	}
	for _, err := range race(len(want), func(i int) error { return q.Jobs.Enqueue(t.Context(), want[i]) }) {
		require.NoError(t, err)
	}
	q.settle(t)
	assert.ElementsMatch(t, want, q.worker.delivered())
}

func triesAgain(t *testing.T, q queue) {
	job, away := q.job(), errors.New("the mail server is away")
	q.worker.fails[job.UserID] = []error{away, fmt.Errorf("still: %w", away)}
	q.Deliver(t, q.worker)
	require.NoError(t, q.Jobs.Enqueue(t.Context(), job), "the request does not fail")
	q.settle(t)
	assert.Equal(t, 3, q.worker.tried(job.UserID))
	job.Failures = 2
	assert.Equal(t, []ports.MailJob{job}, q.worker.delivered())
}

func givesUpRejected(t *testing.T, q queue) {
	rejected, other := q.job(), q.job()
	q.worker.fails[rejected.UserID] = []error{fmt.Errorf("550: %w", ports.ErrMailRejected)}
	q.Deliver(t, q.worker)
	require.NoError(t, enqueueAll(t.Context(), q.Jobs, []ports.MailJob{rejected, other}))
	q.settle(t)
	assert.Equal(t, []ports.MailJob{other}, q.worker.delivered())
	assert.Equal(t, 1, q.worker.tried(rejected.UserID))
}

// givesUpUnrecorded holds that a mail that was sent is not sent again because nothing recorded
// that.
func givesUpUnrecorded(t *testing.T, q queue) {
	job := q.job()
	q.worker.fails[job.UserID] = []error{errors.Join(ports.ErrMailUnrecorded, errors.New("the database is away"))}
	q.Deliver(t, q.worker)
	require.NoError(t, q.Jobs.Enqueue(t.Context(), job))
	q.settle(t)
	assert.Equal(t, 1, q.worker.tried(job.UserID))
}

func givesUpExpired(t *testing.T, q queue) {
	const life = 500 * time.Millisecond
	late, failing := q.job(), q.job()
	late.ExpiresAt = late.AcceptedAt
	q.worker.fails[late.UserID] = []error{errors.New("the database is away")}
	failing.ExpiresAt = failing.AcceptedAt.Add(life)
	for range 10_000 {
		q.worker.fails[failing.UserID] = append(q.worker.fails[failing.UserID], errors.New("the mail server is away"))
	}
	require.NoError(t, enqueueAll(t.Context(), q.Jobs, []ports.MailJob{late, failing}))
	q.Deliver(t, q.worker)
	q.Retry()
	q.Wait(life)
	q.settle(t)
	assert.Equal(t, 1, q.worker.tried(late.UserID), "an expired mail is handed over once, to record it")
	assert.Empty(t, q.worker.delivered())
}

func enqueuesNothingCancelled(t *testing.T, q queue) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, q.Jobs.Enqueue(ctx, q.job()), context.Canceled)
	q.Deliver(t, q.worker)
	q.settle(t)
	assert.Empty(t, q.worker.delivered())
}
