package migrations

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errHeld = errors.New("held")

// held is a database that reports locks and does nothing else.
type held struct{ database }

func (held) obstacle(err error) obstacle {
	if errors.Is(err, errHeld) {
		return turnTaken
	}
	return noLock
}

func (held) holders(context.Context) string { return "a backup" }

func TestPatiently_TriesAgainWhileBlocked(t *testing.T) {
	t.Parallel()
	attempts := 0
	err := patiently(t.Context(), held{}, func() error {
		attempts++
		if attempts < 3 {
			return errHeld
		}
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, 3, attempts)
}

func TestPatiently_LeavesOtherErrorsAlone(t *testing.T) {
	t.Parallel()
	other := errors.New("broken")
	err := patiently(t.Context(), held{}, func() error { return other })
	require.Equal(t, other, err)
}

func TestPatiently_NamesTheBlockerWhenTimeIsUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	attempts := 0
	err := patiently(ctx, held{}, func() error {
		attempts++
		if attempts == 1 {
			return errHeld
		}
		cancel() // the time ends in the middle of the second attempt
		return ctx.Err()
	})
	require.ErrorIs(t, err, ErrBlocked)
	require.ErrorIs(t, err, errHeld)
	assert.ErrorContains(t, err, "2 attempts")
	assert.ErrorContains(t, err, "held by a backup")
	assert.ErrorContains(t, err, "run the command again")
}

// The pause between two attempts at a table is longer than an attempt, and doubles
// up to a limit.
func TestPause_LetsTheStatementsBehindAStepPass(t *testing.T) {
	t.Parallel()
	for range 100 {
		for n, longest := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second} {
			pause := tableInUse.pause(n)
			assert.Greater(t, pause, lockTimeout)
			assert.GreaterOrEqual(t, pause, longest/2)
			assert.LessOrEqual(t, pause, longest)
		}
		assert.LessOrEqual(t, tableInUse.pause(1000), 8*time.Second)
		assert.LessOrEqual(t, turnTaken.pause(0), 20*time.Millisecond)
		assert.LessOrEqual(t, turnTaken.pause(1000), time.Second)
	}
}
