package memory_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// delivery is a use case that calls a function.
type delivery func(ctx context.Context, job ports.MailJob) error

func (d delivery) Execute(ctx context.Context, job ports.MailJob) (ports.None, error) {
	return ports.None{}, d(ctx, job)
}

// record keeps the jobs that it gets, and fails for the jobs in failing.
type record struct {
	mu      sync.Mutex
	done    []string
	failing map[string]error
}

func (r *record) Execute(_ context.Context, job ports.MailJob) (ports.None, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.failing[job.Email]; err != nil {
		return ports.None{}, err
	}
	r.done = append(r.done, job.Email)
	return ports.None{}, nil
}

func job(email string) ports.MailJob {
	return ports.MailJob{Mail: domain.MailResetPassword, Email: email, AcceptedAt: start, ExpiresAt: start.Add(time.Hour)}
}

func TestQueue_DeliversRightAfterTheCommit(t *testing.T) {
	t.Parallel()
	queue, ids := memory.NewQueue(memory.NewClock(start)), memory.NewIDs()
	store := memory.NewStore(queue)
	u := newUser(t, ids, "ada@example.com")
	var delivered []ports.MailJob
	queue.Deliver(delivery(func(ctx context.Context, job ports.MailJob) error {
		delivered = append(delivered, job)
		// The delivery sees the committed data, and may run its own units.
		return store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Users.ByID(ctx, u.ID())
			return err
		})
	}))
	require.NoError(t, store.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		assert.NoError(t, r.Jobs.Enqueue(ctx, job("1")))
		assert.NoError(t, r.Jobs.Enqueue(ctx, job("2")))
		assert.Empty(t, delivered)
		return r.Users.Add(ctx, u)
	}))
	require.NoError(t, store.Repositories().Jobs.Enqueue(t.Context(), job("3")))
	assert.Equal(t, []ports.MailJob{job("1"), job("2"), job("3")}, delivered)
	assert.Empty(t, queue.Pending())
}

func TestQueue_AFailedJobStaysPendingAndTheRequestSucceeds(t *testing.T) {
	t.Parallel()
	queue := memory.NewQueue(memory.NewClock(start))
	store := memory.NewStore(queue)
	down := errors.New("the mail server is down")
	worker := &record{failing: map[string]error{"1": down}}
	queue.Deliver(worker)
	require.NoError(t, store.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		return errors.Join(r.Jobs.Enqueue(ctx, job("1")), r.Jobs.Enqueue(ctx, job("2")))
	}))
	assert.Equal(t, []string{"2"}, worker.done)
	assert.Equal(t, []ports.MailJob{job("1")}, queue.Pending())
	require.ErrorIs(t, queue.RunAll(t.Context()), down)

	worker.failing = nil
	require.NoError(t, queue.RunAll(t.Context()))
	assert.Equal(t, []string{"2", "1"}, worker.done)
	assert.Empty(t, queue.Pending())
}

func TestQueue_PausedJobsWaitForRunAll(t *testing.T) {
	t.Parallel()
	queue, ctx := memory.NewQueue(memory.NewClock(start)), t.Context()
	enqueue := memory.NewStore(queue).Repositories().Jobs.Enqueue
	first, second := errors.New("first"), errors.New("second")
	worker := &record{failing: map[string]error{"1": first, "3": second}}
	queue.Deliver(worker)
	queue.Pause()
	for _, name := range []string{"1", "2", "3", "4"} {
		require.NoError(t, enqueue(ctx, job(name)))
	}
	assert.Empty(t, worker.done)
	require.Equal(t, first, queue.RunAll(ctx), "the first error, after all were tried")
	assert.Equal(t, []string{"2", "4"}, worker.done)
	assert.Equal(t, []ports.MailJob{job("1"), job("3")}, queue.Pending())

	queue.Resume()
	require.NoError(t, enqueue(ctx, job("5")))
	assert.Equal(t, []string{"2", "4", "5"}, worker.done, "pending jobs still wait")
}

func TestQueue_RunAllDoesTheJobsThatJobsEnqueue(t *testing.T) {
	t.Parallel()
	queue := memory.NewQueue(memory.NewClock(start))
	enqueue := memory.NewStore(queue).Repositories().Jobs.Enqueue
	var done []string
	queue.Deliver(delivery(func(ctx context.Context, j ports.MailJob) error {
		done = append(done, j.Email)
		if j.Email == "1" {
			return enqueue(ctx, job("2"))
		}
		return nil
	}))
	queue.Pause()
	require.NoError(t, enqueue(t.Context(), job("1")))
	require.NoError(t, queue.RunAll(t.Context()))
	assert.Equal(t, []string{"1", "2"}, done)
}

func TestQueue_KeepsEveryJobUntilDeliver(t *testing.T) {
	t.Parallel()
	queue := memory.NewQueue(memory.NewClock(start))
	enqueue := memory.NewStore(queue).Repositories().Jobs.Enqueue
	require.NoError(t, enqueue(t.Context(), job("1")))
	require.ErrorContains(t, queue.RunAll(t.Context()), "no delivery")
	assert.Equal(t, []ports.MailJob{job("1")}, queue.Pending())
}

// The request may be over when its mail is sent.
func TestQueue_TheEndOfTheRequestDoesNotStopItsJobs(t *testing.T) {
	t.Parallel()
	queue := memory.NewQueue(memory.NewClock(start))
	enqueue := memory.NewStore(queue).Repositories().Jobs.Enqueue
	ctx, cancel := context.WithCancel(t.Context())
	var seen error
	queue.Deliver(delivery(func(ctx context.Context, _ ports.MailJob) error {
		cancel()
		seen = ctx.Err()
		return nil
	}))
	require.NoError(t, enqueue(ctx, job("1")))
	require.NoError(t, seen)
}

func TestQueue_ConcurrentRunsDoEachJobOnce(t *testing.T) {
	t.Parallel()
	queue := memory.NewQueue(memory.NewClock(start))
	enqueue := memory.NewStore(queue).Repositories().Jobs.Enqueue
	worker := &record{}
	queue.Deliver(worker)
	queue.Pause()
	for range 100 {
		require.NoError(t, enqueue(t.Context(), job("x")))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { assert.NoError(t, queue.RunAll(t.Context())) })
	}
	wg.Wait()
	assert.Len(t, worker.done, 100)
	assert.Empty(t, queue.Pending())
}

func TestQueue_AJobWhoseDeliveryPanicsStaysPending(t *testing.T) {
	t.Parallel()
	queue := memory.NewQueue(memory.NewClock(start))
	enqueue := memory.NewStore(queue).Repositories().Jobs.Enqueue
	queue.Deliver(delivery(func(context.Context, ports.MailJob) error { panic("out of order") }))
	assert.PanicsWithValue(t, "out of order", func() { _ = enqueue(t.Context(), job("1")) })
	queue.Deliver(&record{})
	require.NoError(t, queue.RunAll(t.Context()))
	assert.Empty(t, queue.Pending())
}
