package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Counter shows a rising number that another part of the service keeps. Labels
// may be nil; their values come from a closed list.
func Counter(name, help string, labels prometheus.Labels, value func() uint64) prometheus.Collector {
	opts := prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}
	return prometheus.NewCounterFunc(opts, func() float64 { return float64(value()) })
}

// Gauge shows a number that another part of the service keeps.
func Gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

// Said shows the last words of another system as a label: the value is 1 while there are
// any, else 0. There is one series at a time. Words change rarely, or the monitoring gets
// a series for each.
func Said(name, help, label string, words func() string) prometheus.Collector {
	return said{prometheus.NewDesc(name, help, []string{label}, nil), words}
}

type said struct {
	desc  *prometheus.Desc
	words func() string
}

// Describe implements prometheus.Collector.
func (s said) Describe(to chan<- *prometheus.Desc) { to <- s.desc }

// Collect implements prometheus.Collector.
func (s said) Collect(to chan<- prometheus.Metric) {
	words, value := s.words(), 0.0
	if words != "" {
		value = 1
	}
	to <- prometheus.MustNewConstMetric(s.desc, prometheus.GaugeValue, value, words)
}

// Build shows the running build: its release, its commit and its Go version.
func Build(version, revision, goVersion string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "auth_build_info",
		Help:        "Always 1; its labels tell which build runs.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision, "goversion": goVersion},
	}, func() float64 { return 1 })
}

// Hashing records the times of passwords. It is safe for concurrent use.
type Hashing struct{ wait, duration prometheus.Histogram }

var _ prometheus.Collector = (*Hashing)(nil)

// NewHashing returns empty histograms.
func NewHashing() *Hashing {
	return &Hashing{
		wait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "auth_hash_wait_seconds",
			Help:    "Time that passwords were in the queue before they were hashed.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5},
		}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "auth_hash_duration_seconds",
			Help:    "Time that it took to hash or check a password, without the wait.",
			Buckets: []float64{.025, .05, .1, .15, .2, .3, .4, .5, .75, 1, 2, 5},
		}),
	}
}

// Waited records the time that a password spent in the queue.
func (h *Hashing) Waited(d time.Duration) { h.wait.Observe(d.Seconds()) }

// Hashed records the time that hashing a password took.
func (h *Hashing) Hashed(d time.Duration) { h.duration.Observe(d.Seconds()) }

// Describe implements prometheus.Collector.
func (h *Hashing) Describe(ch chan<- *prometheus.Desc) { h.wait.Describe(ch); h.duration.Describe(ch) }

// Collect implements prometheus.Collector.
func (h *Hashing) Collect(ch chan<- prometheus.Metric) { h.wait.Collect(ch); h.duration.Collect(ch) }
