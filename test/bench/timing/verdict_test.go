package timing

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aclements/go-moremath/stats"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// limit is the largest difference between the medians of a case.
	limit = 5 * time.Millisecond
	// hashShare is the limit as a share of the time of a hash. The larger one counts.
	hashShare = 0.05
	// significance is the p below which a difference fails a case.
	significance = 0.01
)

// result is the measurement of one case.
type result struct {
	name, rows string
	n          int
	a, b       time.Duration // medians
	limit      time.Duration
	p          float64
}

// judge compares two samples, in seconds.
func judge(name, rows string, a, b []float64, limit time.Duration) (result, error) {
	test, err := stats.MannWhitneyUTest(a, b, stats.LocationDiffers)
	if err != nil {
		return result{}, err
	}
	return result{name, rows, len(a), median(a), median(b), limit, test.P}, nil
}

func median(seconds []float64) time.Duration {
	return time.Duration(stats.Sample{Xs: seconds}.Quantile(0.5) * float64(time.Second))
}

func (r result) delta() time.Duration { return r.b - r.a }

func (r result) holds() bool { return r.delta().Abs() <= r.limit && r.p > significance }

// head begins the table of results, in Markdown.
const head = "| case (A / B) | rows | pairs | median A, ms | median B, ms | B - A, ms | allowed, ms | p | |\n|--|--|--:|--:|--:|--:|--:|--:|--|\n"

func (r result) String() string {
	verdict := "holds"
	if !r.holds() {
		verdict = "**differs**"
	}
	ms := func(d time.Duration) string { return fmt.Sprintf("%.3f", float64(d)/float64(time.Millisecond)) }
	return fmt.Sprintf("| %s | %s | %d | %s | %s | %s | %s | %.2g | %s |\n",
		r.name, r.rows, r.n, ms(r.a), ms(r.b), ms(r.delta()), ms(r.limit), r.p, verdict)
}

// samples returns times in seconds that are spread evenly around a middle.
func samples(n int, middle time.Duration) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = middle.Seconds() + math.Sin(float64(i))*1e-3
	}
	return s
}

func TestJudge_SeesADifferenceOfEitherKind(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		apart time.Duration
		holds bool
	}{
		"none": {0, true}, "within noise": {20 * time.Microsecond, true},
		"small but sure": {time.Millisecond, false}, "beyond the limit": {6 * time.Millisecond, false}, "faster": {-6 * time.Millisecond, false},
	} {
		r, err := judge(name, "V-00", samples(200, 50*time.Millisecond), samples(200, 50*time.Millisecond+one.apart), limit)
		require.NoError(t, err)
		assert.Equal(t, one.holds, r.holds(), "%s", r)
		assert.Equal(t, one.holds, strings.Contains(r.String(), "holds"))
		assert.InDelta(t, one.apart.Seconds(), r.delta().Seconds(), 1e-6)
	}
	_, err := judge("nothing", "", nil, nil, limit)
	require.Error(t, err)
	assert.False(t, result{a: 0, b: 6 * time.Millisecond, limit: limit, p: 1}.holds(), "the medians are too far apart, whatever p is")
}
