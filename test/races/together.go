package races

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a race may hang before the test fails.
const patience = time.Minute

// together runs n calls of fn at once and returns their errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-begin
			errs[i] = fn(i)
		})
	}
	close(begin)
	wg.Wait()
	return errs
}

// count returns how many of errs are target; a nil target counts the successes. Every
// error except nil must be one of the allowed ones.
func count(t testing.TB, errs []error, target error, allowed ...error) int {
	t.Helper()
	n := 0
	for _, err := range errs {
		if errors.Is(err, target) {
			n++
		}
		ok := err == nil
		for _, each := range allowed {
			ok = ok || errors.Is(err, each)
		}
		require.True(t, ok, "unexpected outcome: %v", err)
	}
	return n
}
