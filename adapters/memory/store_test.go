package memory_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

var start = time.Date(2026, time.March, 4, 5, 6, 7, 891_011_000, time.UTC)

func newStore() (*memory.Store, *memory.Queue) {
	queue := memory.NewQueue(memory.NewClock(start))
	return memory.NewStore(queue), queue
}

func newUser(t testing.TB, ids *memory.IDs, address string) *domain.User {
	t.Helper()
	email, err := domain.ParseEmail(address)
	require.NoError(t, err)
	return domain.NewUser(ids.NewUserID(), email, domain.PasswordHash{}, domain.RoleUser, start)
}

func TestStore_AUnitThatGoesOnAfterARefusedWriteKeepsNothing(t *testing.T) {
	t.Parallel()
	store, ids, ctx := memory.NewStore(memory.NewQueue(memory.NewClock(start))), memory.NewIDs(), t.Context()
	users := store.Repositories().Users
	require.NoError(t, users.Add(ctx, newUser(t, ids, "taken@example.com")))
	other := newUser(t, ids, "other@example.com")

	err := store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		assert.NoError(t, r.Users.Add(ctx, other))
		assert.ErrorIs(t, r.Users.Add(ctx, newUser(t, ids, "taken@example.com")), domain.ErrEmailTaken)
		_, err := r.Users.ByID(ctx, other.ID())
		assert.ErrorContains(t, err, "after a call was refused")
		return nil
	})
	require.ErrorContains(t, err, "after a call was refused")
	_, err = users.ByID(ctx, other.ID())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

// A call that waited for its own unit would never end, so the store names the mistake.
func TestStore_RefusesOuterCallsInsideAUnit(t *testing.T) {
	t.Parallel()
	queue := memory.NewQueue(memory.NewClock(start))
	store := memory.NewStore(queue)
	outer := store.Repositories()
	require.NoError(t, store.Do(t.Context(), func(ctx context.Context, _ ports.Repositories) error {
		_, err := outer.Users.ByID(ctx, domain.UserID{1})
		assert.ErrorContains(t, err, "inside a unit of work")
		assert.ErrorContains(t, outer.Jobs.Enqueue(ctx, ports.MailJob{}), "inside a unit of work")
		err = store.Do(ctx, func(context.Context, ports.Repositories) error { return nil })
		assert.ErrorContains(t, err, "inside a unit of work")
		return nil
	}))
	assert.Empty(t, queue.Pending())
}

func TestStore_RefusesCallsAfterTheUnit(t *testing.T) {
	t.Parallel()
	store := memory.NewStore(memory.NewQueue(memory.NewClock(start)))
	var kept ports.Repositories
	require.NoError(t, store.Do(t.Context(), func(_ context.Context, r ports.Repositories) error {
		kept = r
		return nil
	}))
	_, err := kept.Users.ByID(t.Context(), domain.UserID{1})
	require.ErrorContains(t, err, "is over")
	require.ErrorContains(t, kept.Jobs.Enqueue(t.Context(), ports.MailJob{}), "is over")
}

func TestStore_WaitingForAnotherUnitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	store := memory.NewStore(memory.NewQueue(memory.NewClock(start)))
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, store.Do(t.Context(), func(context.Context, ports.Repositories) error {
		waiting := make(chan error)
		go func() { waiting <- store.Do(ctx, func(context.Context, ports.Repositories) error { return nil }) }()
		cancel()
		assert.ErrorIs(t, <-waiting, context.Canceled)
		return nil
	}))
}

// t.FailNow inside a unit exits its goroutine; the store must not stay locked.
func TestStore_RollsBackAUnitWhoseGoroutineExits(t *testing.T) {
	t.Parallel()
	store, ids := memory.NewStore(memory.NewQueue(memory.NewClock(start))), memory.NewIDs()
	u := newUser(t, ids, "ada@example.com")
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = store.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			assert.NoError(t, r.Users.Add(ctx, u))
			runtime.Goexit()
			return nil
		})
	}()
	<-exited
	_, err := store.Repositories().Users.ByID(t.Context(), u.ID())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}
