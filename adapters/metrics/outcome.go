package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// outcomes counts the outcomes of one use case. The refusals of its operation are
// counted without a lookup that takes a lock, and success without any lookup.
type outcomes struct {
	success  prometheus.Counter
	expected map[string]prometheus.Counter
	others   *prometheus.CounterVec
}

func newOutcomes(op ports.Operation, vec *prometheus.CounterVec) outcomes {
	o := outcomes{expected: map[string]prometheus.Counter{}, others: vec.MustCurryWith(prometheus.Labels{labelOperation: op.Name})}
	o.success = o.others.WithLabelValues(ports.OutcomeSuccess)
	names := []string{ports.OutcomeInternal, domain.ErrUnavailable.Code}
	for _, refusal := range op.Refusals {
		names = append(names, refusal.Code)
	}
	for _, name := range names {
		o.expected[name] = o.others.WithLabelValues(name)
	}
	return o
}

func (o outcomes) count(err error) {
	if err == nil {
		o.success.Inc()
		return
	}
	name := ports.Outcome(err)
	if counter, ok := o.expected[name]; ok {
		counter.Inc()
		return
	}
	o.others.WithLabelValues(name).Inc()
}
