package httpapi

import (
	"context"
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMetrics_ShowTheCollectorsOfOthers(t *testing.T) {
	t.Parallel()
	config := testConfig()
	sent := 3.0
	config.Collectors = []prometheus.Collector{
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "auth_mails_delivered_total", Help: "Mails."}, func() float64 { return sent }),
		broken{prometheus.NewDesc("auth_broken", "It fails.", nil, nil)},
	}
	b := start(t, config, goodUseCases())
	sent++
	a := b.do(request{method: http.MethodGet, path: "/metrics"})
	assert.Equal(t, http.StatusOK, a.StatusCode)
	assert.Contains(t, a.body, "\nauth_mails_delivered_total 4\n", "the number is read when it is asked for")
	assert.Contains(t, a.body, "\nauth_http_requests_in_flight 1\n", "this request")
	assert.NotContains(t, a.body, "auth_broken")
	assert.Contains(t, b.logs.String(), assert.AnError.Error(), "a collector that fails takes no other along, and is logged")
}

// broken is a collector that fails.
type broken struct{ desc *prometheus.Desc }

func (b broken) Describe(ch chan<- *prometheus.Desc) { ch <- b.desc }

func (b broken) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.NewInvalidMetric(b.desc, assert.AnError)
}

func TestMetrics_RefuseTwoOfOneName(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.Collectors = []prometheus.Collector{prometheus.NewGauge(prometheus.GaugeOpts{Name: "auth_http_requests_in_flight", Help: "Other."})}
	_, err := New(config, goodUseCases())
	require.ErrorContains(t, err, "auth_http_requests_in_flight")
}

func TestMetrics_TellWhatReadyzTells(t *testing.T) {
	t.Parallel()
	config := testConfig()
	failing := Check{Name: "database", Check: func(context.Context) error { return assert.AnError }}
	config.Checks = []Check{{Name: "keys", Check: func(context.Context) error { return nil }}, failing}
	unready := start(t, config, goodUseCases())
	text := unready.do(request{method: http.MethodGet, path: "/metrics"}).body
	for _, line := range []string{"auth_ready 0", `auth_ready_check{check="keys"} 1`, `auth_ready_check{check="database"} 0`} {
		assert.Contains(t, text, "\n"+line+"\n")
	}

	b := started(t)
	assert.Contains(t, b.do(request{method: http.MethodGet, path: "/metrics"}).body, "\nauth_ready 1\n")
	b.server.Drain()
	assert.Contains(t, b.do(request{method: http.MethodGet, path: "/metrics"}).body, "\nauth_ready 0\n", "while draining")
}
