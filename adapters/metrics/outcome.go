package metrics

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed543b3b27/auth-service/domain"
)

// The outcomes that are no code of a domain error.
const (
	success  = "success"
	internal = "internal"
)

// outcomeOf names how a use case failed: by the code of the refusal, or as internal
// if nobody expected the error. Running out of time is answered as unavailable, and
// counted so.
func outcomeOf(err error) string {
	var refusal *domain.Error
	switch {
	case errors.As(err, &refusal):
		return refusal.Code
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return domain.ErrUnavailable.Code
	}
	return internal
}

// outcomes counts how one use case ended. Those that are expected are counted
// without a lookup that takes a lock, and success without any.
type outcomes struct {
	success  prometheus.Counter
	expected map[string]prometheus.Counter
	others   *prometheus.CounterVec
}

func newOutcomes(operation string, vec *prometheus.CounterVec, expected refusals) outcomes {
	o := outcomes{expected: map[string]prometheus.Counter{}, others: vec.MustCurryWith(prometheus.Labels{labelOperation: operation})}
	o.success = o.others.WithLabelValues(success)
	names := []string{internal, domain.ErrUnavailable.Code}
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
	name := outcomeOf(err)
	if counter, ok := o.expected[name]; ok {
		counter.Inc()
		return
	}
	o.others.WithLabelValues(name).Inc()
}
