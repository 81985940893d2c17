package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed543b3b27/auth-service/domain"
)

// outcomes counts how one use case ended. Those that are expected are counted
// without a lookup that takes a lock, and success without any.
type outcomes struct {
	success  prometheus.Counter
	expected map[string]prometheus.Counter
	others   *prometheus.CounterVec
}

func newOutcomes(operation string, vec *prometheus.CounterVec, expected refusals) outcomes {
	o := outcomes{expected: map[string]prometheus.Counter{}, others: vec.MustCurryWith(prometheus.Labels{labelOperation: operation})}
	o.success = o.others.WithLabelValues(domain.CodeSuccess)
	names := []string{domain.CodeInternal, domain.ErrUnavailable.Code}
	for _, refusal := range expected {
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
	name := domain.CodeOf(err)
	if counter, ok := o.expected[name]; ok {
		counter.Inc()
		return
	}
	o.others.WithLabelValues(name).Inc()
}
