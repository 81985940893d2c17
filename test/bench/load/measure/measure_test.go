package measure

import (
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLatencyOf_TakesTheNearestRank(t *testing.T) {
	t.Parallel()
	var samples []time.Duration
	for i := 200; i >= 1; i-- {
		samples = append(samples, time.Duration(i)*time.Millisecond)
	}
	assert.Equal(t, Latency{Count: 200, Median: 100, P99: 198, Max: 200}, LatencyOf(samples))
	assert.Equal(t, Latency{Count: 1, Median: 7, P99: 7, Max: 7}, LatencyOf([]time.Duration{7 * time.Millisecond}))
	assert.Equal(t, Latency{}, LatencyOf(nil))
}

func TestSpreadOf_IsTheMedianBetweenTheExtremes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, Spread{Median: 2, Least: 1, Greatest: 9, Known: true}, SpreadOf(9, 1, 2))
	assert.Equal(t, Spread{Median: 2.5, Least: 1, Greatest: 4, Known: true}, SpreadOf(4, 1))
	assert.Equal(t, Spread{Median: 3, Least: 3, Greatest: 3, Known: true}, SpreadOf(math.Inf(1), 3, math.NaN()))
	assert.Equal(t, Spread{}, SpreadOf(math.NaN()))
}

func TestParseStat_CountsFieldsFromTheEndOfTheName(t *testing.T) {
	t.Parallel()
	line := "42 (a) b (c) S 7 42 42 0 -1 4194304 1 2 3 4 150 50 10 5 39 19 12 0 100 1000 10"
	got, err := parseStat([]byte(line))
	require.NoError(t, err)
	assert.Equal(t, stat{parent: 7, cpu: 2 * time.Second, ended: 150 * time.Millisecond, nice: 19}, got)
	for _, bad := range []string{"", "42 (a)", "42 (a) S 7", "42 (a) S x 1 1 0 -1 1 1 2 3 4 150 50 10 5 39 19 12"} {
		_, err := parseStat([]byte(bad))
		require.ErrorIs(t, err, errStat, bad)
	}
}

func TestDescends_FollowsParents(t *testing.T) {
	t.Parallel()
	all := map[int]stat{10: {parent: 1}, 11: {parent: 10}, 12: {parent: 11}, 20: {parent: 1}}
	assert.True(t, descends(all, 10, 10))
	assert.True(t, descends(all, 12, 10))
	assert.False(t, descends(all, 20, 10))
	assert.False(t, descends(all, 10, 12))
}

func TestParseMemory_ReadsNowAndHighest(t *testing.T) {
	t.Parallel()
	got := parseMemory("Name:\tx\nVmHWM:\t  50000 kB\nVmRSS:\t  25000 kB\nThreads:\t3\n")
	assert.InDelta(t, 25.6, got.Resident, 1e-9)
	assert.InDelta(t, 51.2, got.Highest, 1e-9)
}

func TestNoise_IsWhatTheWatchedProcessesDidNotUse(t *testing.T) {
	t.Parallel()
	begin := parseMachine("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3\n")
	end := parseMachine("cpu  180 10 110 1640 0 10 10 40 7 7\n") // 1,000 ticks later
	assert.Equal(t, Noise{Steal: 4, Other: 3}, noise(begin, end, 700*time.Millisecond))
	assert.Equal(t, Noise{Steal: 4}, noise(begin, end, 2*time.Second), "what the watched processes used is no noise")
	assert.Equal(t, Noise{}, noise(end, end, 0))
}

func TestWatch_SeesThisProcess(t *testing.T) {
	t.Parallel()
	w := Watch(map[string]int{"this": os.Getpid()})
	before := processorTime(os.Getpid())
	for processorTime(os.Getpid())-before < 3*tick { // work until the counter moves
		continue
	}
	uses, _ := w.End()
	assert.Greater(t, uses["this"].CPU, 0.0)
	m, err := MemoryOf(os.Getpid())
	require.NoError(t, err)
	assert.Positive(t, m.Resident)
	assert.GreaterOrEqual(t, m.Highest, m.Resident)
}
