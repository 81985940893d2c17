package measure

import (
	"math"
	"slices"
	"time"
)

// Latency describes the times of answers, in milliseconds. The percentiles are exact:
// each is a sample, by the nearest rank.
type Latency struct {
	Count  int     `json:"count"`
	Median float64 `json:"median"`
	P99    float64 `json:"p99"`
	Max    float64 `json:"max"`
}

// Times returns the median, the 99th percentile and the greatest time. They are not numbers
// if there were no samples.
func (l Latency) Times() (median, p99, greatest float64) {
	if l.Count == 0 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	return l.Median, l.P99, l.Max
}

// LatencyOf sorts the samples and describes them. The zero Latency describes none.
func LatencyOf(samples []time.Duration) Latency {
	n := len(samples)
	if n == 0 {
		return Latency{}
	}
	slices.Sort(samples)
	rank := func(share float64) float64 {
		return Milliseconds(samples[max(int(math.Ceil(share*float64(n))), 1)-1])
	}
	return Latency{Count: n, Median: rank(0.5), P99: rank(0.99), Max: rank(1)}
}

// Milliseconds converts a duration.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Spread is a figure of several runs: its median, and the least and the greatest value.
type Spread struct {
	Median, Least, Greatest float64
	// Known reports whether there was any value.
	Known bool
}

// SpreadOf describes the values of several runs. It leaves out values that are not
// numbers, such as a ratio to nothing.
func SpreadOf(values ...float64) Spread {
	known := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	n := len(known)
	if n == 0 {
		return Spread{}
	}
	slices.Sort(known)
	middle := (known[(n-1)/2] + known[n/2]) / 2
	return Spread{Median: middle, Least: known[0], Greatest: known[n-1], Known: true}
}
