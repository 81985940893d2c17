package admission_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/admission"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

func TestGate_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunAdmission(t, func(testing.TB) ports.Admission { return admission.New(1) })
}

func TestGate_HasAQuarterOfTheConnectionsAndOneAtLeast(t *testing.T) {
	t.Parallel()
	for connections, want := range map[int]int{0: 1, 1: 1, 2: 1, 7: 1, 8: 2, 10: 2, 100: 25} {
		assert.Equal(t, want, admission.New(connections).Stats().Places, "%d connections", connections)
	}
}

// enter admits a request of a network, or fails the test.
func enter(t *testing.T, g *admission.Gate, network string) (leave func()) {
	t.Helper()
	leave, err := g.Admit(t.Context(), network)
	require.NoError(t, err)
	return leave
}

// wait starts requests of different networks that wait for their turns, and returns the
// channel of their numbers in the order of their turns.
func wait(t *testing.T, g *admission.Gate, count int) <-chan int {
	t.Helper()
	turns := make(chan int, count)
	for i := range count {
		go func() {
			leave, err := g.Admit(t.Context(), fmt.Sprint("network ", i))
			if err != nil {
				return
			}
			turns <- i
			leave()
		}()
		synctest.Wait()
	}
	return turns
}

// of a flood, only as many requests as there are places are in the store. A short line
// waits, in its order, and the rest is refused at once.
func TestGate_RefusesBeyondTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(4)
		leave := enter(t, g, "first")
		turns := wait(t, g, 8)
		assert.Empty(t, turns)
		began := time.Now()
		_, err := g.Admit(t.Context(), "another")
		var refusal *domain.Error
		require.ErrorAs(t, err, &refusal)
		require.ErrorIs(t, err, domain.ErrOverloaded)
		assert.Equal(t, time.Second, refusal.RetryAfter)
		assert.Zero(t, time.Since(began), "a refusal waits for nothing")
		leave()
		leave()
		for i := range 8 {
			assert.Equal(t, i, <-turns)
		}
		synctest.Wait()
		assert.Equal(t, admission.Stats{Places: 1, Admitted: 9, Refused: admission.Refusals{Full: 1}}, g.Stats())
	})
}

// A store that hangs makes a request wait for half a second, not for all of its time.
func TestGate_RefusesAfterAShortWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(4)
		leave := enter(t, g, "first")
		began := time.Now()
		_, err := g.Admit(t.Context(), "another")
		require.ErrorIs(t, err, domain.ErrOverloaded)
		assert.Equal(t, 500*time.Millisecond, time.Since(began))
		leave()
		assert.Equal(t, admission.Stats{Places: 1, Admitted: 1, Refused: admission.Refusals{Late: 1}}, g.Stats())
		enter(t, g, "another")()
	})
}

func TestGate_ARequestThatGivesUpLeavesTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(4)
		leave := enter(t, g, "first")
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := g.Admit(ctx, "another")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 1, g.Stats().Held)
		leave()
		assert.Zero(t, g.Stats().Held)
	})
}

// One network alone holds three quarters of the places, so another one finds some.
func TestGate_LeavesPlacesForOtherNetworks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(32) // eight places, and 64 in the line
		for range 80 {
			go func() {
				if leave, err := g.Admit(t.Context(), "one"); err == nil {
					time.Sleep(time.Millisecond) // in the time of the bubble
					leave()
				}
			}()
		}
		synctest.Wait()
		assert.Equal(t, 54, g.Stats().Held)
		assert.Equal(t, admission.Refusals{Network: 26}, g.Stats().Refused)
		enter(t, g, "another")()
		time.Sleep(time.Second)
		assert.Zero(t, g.Stats().Held)
	})
}
