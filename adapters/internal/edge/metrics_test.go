package edge

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
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
	b := start(t, config)
	sent++
	a := b.get("/metrics")
	assert.Equal(t, http.StatusOK, a.StatusCode)
	assert.Contains(t, a.body, "\nauth_mails_delivered_total 4\n", "the number is read when it is asked for")
	assert.Contains(t, a.body, "\ntest_http_requests_in_flight 1\n", "this request")
	assert.NotContains(t, a.body, "auth_broken")
	assert.Contains(t, b.logs.String(), assert.AnError.Error(), "a failing collector is logged, and the others are shown")
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
	config.Collectors = []prometheus.Collector{prometheus.NewGauge(prometheus.GaugeOpts{Name: "test_http_requests_in_flight", Help: "Other."})}
	_, err := New(config)
	require.ErrorContains(t, err, "test_http_requests_in_flight")
}

func TestMetrics_ShowReadiness(t *testing.T) {
	t.Parallel()
	config := testConfig()
	failing := Check{Name: "database", Check: func(context.Context) error { return assert.AnError }}
	config.Checks = []Check{{Name: "keys", Check: func(context.Context) error { return nil }}, failing}
	unready := start(t, config)
	text := unready.get("/metrics").body
	for _, line := range []string{"test_ready 0", `test_ready_check{check="keys"} 1`, `test_ready_check{check="database"} 0`} {
		assert.Contains(t, text, "\n"+line+"\n")
	}

	b := start(t, testConfig())
	assert.Contains(t, b.get("/metrics").body, "\ntest_ready 1\n")
	b.engine.Drain()
	assert.Contains(t, b.get("/metrics").body, "\ntest_ready 0\n", "while draining")
}

// V-39: clients cannot add series.
func TestMetrics_AreBounded(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig())
	for i := range 300 {
		b.get(fmt.Sprintf("/api/nothing-%d", i))
		b.do(fmt.Sprintf("ODD%d", i), fmt.Sprintf("/api/things/%d", i), nil)
		b.do(http.MethodDelete, fmt.Sprintf("/api/things/%d", i), nil)
	}
	text := b.get("/metrics").body
	series := regexp.MustCompile(`(?m)^test_http_requests_total\{.*$`).FindAllString(text, -1)
	assert.ElementsMatch(t, []string{
		`test_http_requests_total{method="GET",route="unmatched",status="4xx"} 300`,
		`test_http_requests_total{method="OTHER",route="unmatched",status="4xx"} 300`,
		`test_http_requests_total{method="DELETE",route="/api/things/{id}",status="2xx"} 300`,
	}, series)
	for _, name := range []string{"test_http_request_duration_seconds_bucket", "test_http_requests_in_flight"} {
		assert.Contains(t, text, name)
	}
}
