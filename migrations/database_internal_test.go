package migrations

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errHeld = errors.New("held")

// held is a database of which only the locks matter.
type held struct{ database }

func (held) blocked(err error) bool { return errors.Is(err, errHeld) }

func (held) holders(context.Context) string { return "somebody" }

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

func TestPatiently_SaysWhoWasInTheWayWhenTimeIsUp(t *testing.T) {
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
	assert.ErrorContains(t, err, "held by somebody")
}
