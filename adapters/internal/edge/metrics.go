package edge

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"
)

// metrics counts requests. Its labels are bounded: the pattern of the route, a known
// method, and the class of the status.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
	// known holds the metrics of the labels that were seen; it is replaced, never changed.
	known  atomic.Pointer[map[labels]counted]
	adding sync.Mutex
}

// labels are the labels of a request; class is the first digit of the status.
type labels struct {
	method, route string
	class         int
}

// counted are the metrics of one set of labels.
type counted struct {
	requests prometheus.Counter
	duration prometheus.Observer
}

// newMetrics registers the engine's own metrics and others. Errors: two metrics of
// one name that contradict each other.
func newMetrics(namespace string, ready func() Readiness, others []prometheus.Collector) (*metrics, error) {
	names := []string{"method", "route", "status"}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "http_requests_total",
			Help: "Requests answered, by method, route pattern and class of the status.",
		}, names),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "http_request_duration_seconds",
			Help:    "Time from the request read to the answer ready, by method, route pattern and class of the status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, names),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "http_requests_in_flight",
			Help: "Requests that are being answered, the one for metrics included.",
		}),
	}
	for _, c := range slices.Concat([]prometheus.Collector{m.requests, m.duration, m.inFlight, newReadinessMetrics(namespace, ready)}, others) {
		if err := m.registry.Register(c); err != nil {
			return nil, fmt.Errorf("edge: registering metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) observe(route, method string, status int, took time.Duration) {
	of := m.of(labels{method, route, status / 100})
	of.requests.Inc()
	of.duration.Observe(took.Seconds())
}

// of returns the metrics of labels, which prometheus finds by hashing their values.
func (m *metrics) of(l labels) counted {
	if known := m.known.Load(); known != nil {
		if c, found := (*known)[l]; found {
			return c
		}
	}
	m.adding.Lock()
	defer m.adding.Unlock()
	class := strconv.Itoa(l.class) + "xx"
	c := counted{m.requests.WithLabelValues(l.method, l.route, class), m.duration.WithLabelValues(l.method, l.route, class)}
	grown := map[labels]counted{l: c}
	if known := m.known.Load(); known != nil {
		maps.Copy(grown, *known)
	}
	m.known.Store(&grown)
	return c
}

// handler answers scrapes. A collector that fails is logged, and the scrape lacks its
// metrics only.
func (m *metrics) handler(log *slog.Logger) fasthttp.RequestHandler {
	return fasthttpadaptor.NewFastHTTPHandler(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:      slog.NewLogLogger(log.Handler(), slog.LevelError),
		ErrorHandling: promhttp.ContinueOnError,
	}))
}

// readinessMetrics show the content of /readyz.
type readinessMetrics struct {
	ready, check *prometheus.Desc
	now          func() Readiness
}

func newReadinessMetrics(namespace string, now func() Readiness) readinessMetrics {
	return readinessMetrics{
		ready: prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "ready"), "Whether requests should be sent here, as /readyz says: 1 or 0.", nil, nil),
		check: prometheus.NewDesc(prometheus.BuildFQName(namespace, "ready", "check"), "Whether a check of readiness passes: 1 or 0.", []string{"check"}, nil),
		now:   now,
	}
}

// Describe implements prometheus.Collector.
func (r readinessMetrics) Describe(ch chan<- *prometheus.Desc) { ch <- r.ready; ch <- r.check }

// Collect implements prometheus.Collector.
func (r readinessMetrics) Collect(ch chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, holds bool, labels ...string) {
		value := 0.0
		if holds {
			value = 1
		}
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	now := r.now()
	gauge(r.ready, now.Ready)
	for name, passes := range now.Checks {
		gauge(r.check, passes, name)
	}
}
