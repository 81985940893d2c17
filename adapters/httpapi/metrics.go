package httpapi

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"
)

// metrics counts requests. Labels are bounded: the route's pattern, a known
// method, the class of the status.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

// Counter is a number that only rises and that another part of the service
// keeps, to be shown at /metrics.
type Counter struct {
	// Name is the metric's name, such as auth_mails_delivered_total.
	Name string
	// Help is one sentence for whoever reads the metric.
	Help string
	// Labels tell counters of one name apart, such as {"limit": "login_ip"}. They
	// are the same in each of them, and their values come from a closed list.
	Labels map[string]string
	// Value returns the number as it is now.
	Value func() uint64
}

// Gauge is a number that rises and falls and that another part of the service
// keeps, to be shown at /metrics.
type Gauge struct {
	// Name is the metric's name, such as auth_cleanup_last_success.
	Name string
	// Help is one sentence for whoever reads the metric.
	Help string
	// Value returns the number as it is now.
	Value func() float64
}

func newMetrics(version string, counters []Counter, gauges []Gauge) *metrics {
	labels := []string{"method", "route", "status"}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "auth_http_requests_total",
			Help: "Requests answered, by method, route pattern and class of the status.",
		}, labels),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "auth_http_request_duration_seconds",
			Help:    "Time from the request read to the answer ready, by method, route pattern and class of the status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, labels),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "auth_build_info",
		Help:        "Always 1; the version of the build is its label.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(
		m.requests, m.duration, build,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	for _, c := range counters {
		m.registry.MustRegister(prometheus.NewCounterFunc(
			prometheus.CounterOpts{Name: c.Name, Help: c.Help, ConstLabels: c.Labels},
			func() float64 { return float64(c.Value()) },
		))
	}
	for _, g := range gauges {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.Name, Help: g.Help}, g.Value))
	}
	return m
}

func (m *metrics) observe(route, method string, status int, took time.Duration) {
	class := strconv.Itoa(status/100) + "xx"
	m.requests.WithLabelValues(method, route, class).Inc()
	m.duration.WithLabelValues(method, route, class).Observe(took.Seconds())
}

func (m *metrics) handler() fasthttp.RequestHandler {
	return fasthttpadaptor.NewFastHTTPHandler(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
}
