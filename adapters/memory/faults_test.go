package memory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestFail_MakesEveryCallFailUntilHealed(t *testing.T) {
	t.Parallel()
	store, queue := newStore()
	r, u := store.Repositories(), newUser(t, memory.NewIDs(), "ada@example.com")
	store.Fail(memory.Fault{})
	require.ErrorIs(t, r.Users.Add(t.Context(), u), domain.ErrUnavailable)
	_, err := r.Users.ByID(t.Context(), u.ID())
	require.ErrorIs(t, err, domain.ErrUnavailable)
	require.ErrorIs(t, r.Jobs.Enqueue(t.Context(), job("1")), domain.ErrUnavailable)
	require.ErrorIs(t, store.Do(t.Context(), nil), domain.ErrUnavailable, "no unit begins")
	assert.Equal(t, 4, store.Calls())
	assert.Empty(t, queue.Pending())

	store.Heal()
	_, err = r.Users.ByID(t.Context(), u.ID())
	require.ErrorIs(t, err, domain.ErrUserNotFound, "nothing was stored")
}

func TestFail_LetsReadsThrough(t *testing.T) {
	t.Parallel()
	store, _ := newStore()
	ids := memory.NewIDs()
	u, readOnly := newUser(t, ids, "ada@example.com"), errors.New("read-only")
	require.NoError(t, store.Repositories().Users.Add(t.Context(), u))
	store.Fail(memory.Fault{Err: readOnly, WritesOnly: true})
	require.NoError(t, store.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		_, err := r.Users.ByID(ctx, u.ID())
		return err
	}))
	require.ErrorIs(t, store.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		return r.Users.Save(ctx, u)
	}), readOnly)
	assert.Equal(t, 1, store.Calls(), "only writes count")
}

// A unit is a beginning, its calls and a commit; whichever fails, nothing is kept, and
// a unit that goes on after a failure fails as well.
func TestFail_HitsOneCallOfAUnit(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for n := 1; n <= 4; n++ {
		for _, lost := range []bool{false, true} {
			store, queue := newStore()
			store.Fail(memory.Fault{Err: broken, Call: n, AnswerLost: lost})
			u, ran := newUser(t, memory.NewIDs(), "ada@example.com"), false
			err := store.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				ran = true
				added, enqueued := r.Users.Add(ctx, u), r.Jobs.Enqueue(ctx, job("1"))
				assert.Equal(t, n == 2, errors.Is(added, broken))
				assert.Equal(t, n == 3, errors.Is(enqueued, broken))
				return nil
			})
			require.Error(t, err)
			assert.Equal(t, n > 1, ran)
			store.Heal()
			_, err = store.Repositories().Users.ByID(t.Context(), u.ID())
			if committed := n == 4 && lost; committed {
				require.NoError(t, err)
				assert.Equal(t, []ports.MailJob{job("1")}, queue.Pending())
			} else {
				require.ErrorIs(t, err, domain.ErrUserNotFound)
				assert.Empty(t, queue.Pending())
			}
		}
	}
}

func TestFail_LosesTheAnswerOfAWrite(t *testing.T) {
	t.Parallel()
	store, queue := newStore()
	r, ids := store.Repositories(), memory.NewIDs()
	u, other := newUser(t, ids, "ada@example.com"), newUser(t, ids, "ada@example.com")
	store.Fail(memory.Fault{AnswerLost: true})
	require.ErrorIs(t, r.Users.Add(t.Context(), u), domain.ErrUnavailable)
	require.ErrorIs(t, r.Users.Add(t.Context(), other), domain.ErrEmailTaken, "a refusal arrives")
	require.ErrorIs(t, r.Jobs.Enqueue(t.Context(), job("1")), domain.ErrUnavailable)
	found, err := r.Users.ByID(t.Context(), u.ID())
	require.ErrorIs(t, err, domain.ErrUnavailable)
	assert.Nil(t, found)

	store.Heal()
	_, err = r.Users.ByID(t.Context(), u.ID())
	require.NoError(t, err)
	assert.Equal(t, []ports.MailJob{job("1")}, queue.Pending())
}
