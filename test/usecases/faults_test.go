package usecases_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// expected returns a request that succeeds if the given request is refused with want.
func expected(want error, request func() error) func() error {
	return func() error {
		err := request()
		switch {
		case errors.Is(err, want):
			return nil
		case err == nil:
			return errors.New("nothing was refused")
		}
		return err
	}
}

// target is the adapter whose calls fail.
type target struct {
	// failAt makes the n-th call from now on fail with app.ErrFault, counted from 1.
	failAt func(n int)
	// calls returns the number of calls since the last failAt.
	calls func() int
}

func failingStore(b *app.Bundle) target {
	return target{func(n int) { b.Store.Fail(memory.Fault{Err: app.ErrFault, Call: n}) }, b.Store.Calls}
}

func failingHasher(b *app.Bundle) target {
	return target{b.Hasher.Fail, b.Hasher.Calls}
}

// eachFault makes a request fail at its first call, then at its second, and so on. Each
// time the request must fail with that error, and check runs afterwards. It returns the
// result of the last request, in which no call failed.
func eachFault(t testing.TB, failing target, request func() error, check func()) error {
	t.Helper()
	for n := 1; ; n++ {
		require.Less(t, n, 100)
		failing.failAt(n)
		err := request()
		failed := failing.calls() >= n
		failing.failAt(math.MaxInt) // check makes more calls
		if !failed {
			return err
		}
		require.ErrorIs(t, err, app.ErrFault, "call %d", n)
		check()
	}
}

// S-48, V-03, V-05: if any call of a store or the hasher fails, the request fails with
// the error of that call. Nothing changes, no event is recorded and no mail is sent. The
// same request works once the fault is gone.
func TestFaults_AFailedRequestChangesNothingAndWorksLater(t *testing.T) {
	t.Parallel()
	for _, requests := range faultyRequests {
		for name, prepare := range requests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for part, failing := range map[string]func(b *app.Bundle) target{"store": failingStore, "hasher": failingHasher} {
					t.Run(part, func(t *testing.T) {
						t.Parallel()
						failsCleanly(t, prepare, failing)
					})
				}
			})
		}
	}
}

// failsCleanly makes each call of one part of a request fail, and asserts that the
// request then changes nothing and works afterwards.
func failsCleanly(t *testing.T, prepare func(b *app.Bundle) request, failing func(b *app.Bundle) target) {
	t.Helper()
	b := app.New(t, func(s *assembly.Settings) { s.MaxSessionsPerUser = 2 })
	execute := prepare(b)
	b.Queue.Pause() // what a mail needs is a request of its own
	before, events := b.State(), b.Events()
	require.NoError(t, eachFault(t, failing(b), execute, func() {
		require.Equal(t, before, b.State())
		require.Equal(t, events, b.Events())
	}))
}
