package metrics

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const (
	labelOperation = "operation"
	labelOutcome   = "outcome"
)

// The ends of a refresh. refused covers every refusal without a value of its own,
// such as a limit or a session that is over. failed means that there was no
// decision.
const (
	refreshRotated           = "rotated"
	refreshReplayed          = "replayed"
	refreshReplayedElsewhere = "replayed_elsewhere"
	refreshReissued          = "reissued"
	refreshReused            = "reused"
	refreshExpired           = "expired"
	refreshRefused           = "refused"
	refreshFailed            = "failed"
)

// Operations counts the outcomes of use cases. It is safe for concurrent use.
type Operations struct {
	operations *prometheus.CounterVec
	refreshes  *prometheus.CounterVec
}

var _ prometheus.Collector = (*Operations)(nil)

// NewOperations returns counters at zero.
func NewOperations() *Operations {
	return &Operations{
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "auth_operations_total",
			Help: "Operations done or refused, by operation and outcome: success, the code of the refusal, or internal.",
		}, []string{labelOperation, labelOutcome}),
		refreshes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "auth_refreshes_total",
			Help: "Refreshes, by what became of the token: rotated, replayed or replayed_elsewhere within the grace, reissued, reused, expired, refused or failed.",
		}, []string{labelOutcome}),
	}
}

// Describe implements prometheus.Collector.
func (o *Operations) Describe(ch chan<- *prometheus.Desc) {
	o.operations.Describe(ch)
	o.refreshes.Describe(ch)
}

// Collect implements prometheus.Collector.
func (o *Operations) Collect(ch chan<- prometheus.Metric) {
	o.operations.Collect(ch)
	o.refreshes.Collect(ch)
}

// Count returns use cases that do the same as u and are counted. Unserved
// operations are not counted, because the queue counts the outcomes of background
// work. The refusals that an operation lists stand at zero from the start.
func (o *Operations) Count(u ports.UseCases) ports.UseCases {
	u = u.Observed(func(op ports.Operation) ports.Observer {
		if op.Unserved {
			return nil
		}
		count := newOutcomes(op, o.operations).count
		return func(ctx context.Context) (context.Context, func(error)) { return ctx, count }
	})
	u.Refresh = o.refresh(u.Refresh)
	return u
}

// refreshing counts refreshes by the fate of the token.
type refreshing struct {
	next ports.UseCase[ports.RefreshCommand, ports.RefreshResult]
	ends map[string]prometheus.Counter
}

func (o *Operations) refresh(next ports.UseCase[ports.RefreshCommand, ports.RefreshResult]) ports.UseCase[ports.RefreshCommand, ports.RefreshResult] {
	r := refreshing{next, map[string]prometheus.Counter{}}
	for _, end := range []string{
		refreshRotated, refreshReplayed, refreshReplayedElsewhere, refreshReissued, refreshReused, refreshExpired, refreshRefused, refreshFailed,
	} {
		r.ends[end] = o.refreshes.WithLabelValues(end)
	}
	return r
}

// Execute implements ports.UseCase.
func (r refreshing) Execute(ctx context.Context, cmd ports.RefreshCommand) (ports.RefreshResult, error) {
	result, err := r.next.Execute(ctx, cmd)
	r.ends[refreshEnd(result, err)].Inc()
	return result, err
}

// issues names the outcomes that return tokens.
var issues = map[domain.RefreshOutcome]string{
	domain.RefreshRotated:           refreshRotated,
	domain.RefreshReplayed:          refreshReplayed,
	domain.RefreshReplayedElsewhere: refreshReplayedElsewhere,
	domain.RefreshReissued:          refreshReissued,
}

func refreshEnd(result ports.RefreshResult, err error) string {
	var refusal *domain.Error
	switch {
	case err == nil:
		return issues[result.Outcome]
	case errors.Is(err, domain.ErrRefreshTokenReused):
		return refreshReused
	case errors.Is(err, domain.ErrTokenExpired):
		return refreshExpired
	case errors.As(err, &refusal) && refusal.Kind != domain.KindUnavailable:
		return refreshRefused
	}
	return refreshFailed
}
