package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPace_FirstRetryComesWithinASecondThenLaterUpToTheCap(t *testing.T) {
	t.Parallel()
	p := usualPace()
	for range 100 {
		require.LessOrEqual(t, p.pause(1, 0), time.Second)
		require.GreaterOrEqual(t, p.pause(1, 0), time.Second/2)
		require.LessOrEqual(t, p.pause(3, time.Minute), 4*time.Second)
		for failures := 1; failures < 5000; failures *= 2 {
			require.LessOrEqual(t, p.pause(failures, eagerFor-1), eagerCap)
		}
		late := p.pause(40, eagerFor)
		require.LessOrEqual(t, late, 5*time.Minute)
		require.GreaterOrEqual(t, late, 5*time.Minute/2)
	}
}

func TestPace_AnAbandonedJobIsTakenUpWithinAMinute(t *testing.T) {
	t.Parallel()
	p := usualPace()
	require.Less(t, p.timeout, p.rescueAfter, "a running job must not be rescued")
	const lookEvery, scheduleEvery = 30 * time.Second, 5 * time.Second // River's intervals
	require.Less(t, p.rescueAfter+lookEvery+scheduleEvery+2*p.poll, time.Minute)
}
