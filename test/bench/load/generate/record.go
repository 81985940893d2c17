package generate

import (
	"net/http"
	"time"

	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
)

// maxSamples is how many surprising outcomes a result shows.
const maxSamples = 3

// record collects the outcomes of one client. Clients do not share one.
type record struct {
	answers map[string]int
	ok      []time.Duration
	refused []time.Duration
	lag     []time.Duration
	late    int
	samples []string
}

func (r *record) add(o outcome, took time.Duration) {
	if r.answers == nil {
		r.answers = map[string]int{}
	}
	r.answers[o.kind]++
	switch {
	case o.ok:
		r.ok = append(r.ok, took)
	case o.status == http.StatusServiceUnavailable && took > LateRefusal:
		r.late++
		fallthrough
	case o.status == http.StatusServiceUnavailable, o.status == http.StatusTooManyRequests:
		r.refused = append(r.refused, took)
	case o.detail != "" && len(r.samples) < maxSamples:
		r.samples = append(r.samples, o.kind+": "+o.detail)
	}
}

// resultOf joins the records of all clients of a load.
func resultOf(records []*record, length time.Duration) Result {
	result := Result{Seconds: length.Seconds(), Answers: map[string]int{}}
	var all record
	for _, r := range records {
		for kind, n := range r.answers {
			result.Answers[kind] += n
		}
		all.ok = append(all.ok, r.ok...)
		all.refused = append(all.refused, r.refused...)
		all.lag = append(all.lag, r.lag...)
		result.Late += r.late
		result.Samples = append(result.Samples, r.samples...)
	}
	result.Samples = result.Samples[:min(len(result.Samples), maxSamples)]
	result.OK, result.Refused, result.Lag = measure.LatencyOf(all.ok), measure.LatencyOf(all.refused), measure.LatencyOf(all.lag)
	return result
}
