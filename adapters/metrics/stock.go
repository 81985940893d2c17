package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// askEvery is the least time between two answers to one question.
	askEvery = 30 * time.Second
	// retryEvery is the least time after a question that was not answered.
	retryEvery = time.Second
	// share bounds what asking may take of the database's time: one part in so
	// many. A question that took a second is asked again after this many.
	share = 100
	// askTimeout is how long an answer is waited for.
	askTimeout = 3 * time.Second
	// longestRetry bounds how long a question rests that was not answered in time,
	// so that its metrics are back soon after the database is.
	longestRetry = time.Minute
)

// Question is something that only the database knows.
type Question struct {
	// Gauges are the metrics that its answer has, in the answer's order.
	Gauges []prometheus.GaugeOpts
	// Ask asks the database and returns a function that gives the numbers as they
	// are whenever it is called later: an age grows while nobody asks. Errors:
	// any, if there is no answer.
	Ask func(ctx context.Context) (func(now time.Time) []float64, error)
}

// Stock asks its questions in the background, one at a time and each at intervals,
// and shows the last answers. A scrape never waits for it. While a question is not
// answered its metrics are absent, so that no number outlives what it stands for.
// It is safe for concurrent use.
type Stock struct {
	questions []*asked
	logger    *slog.Logger

	stop context.CancelFunc
	done sync.WaitGroup
}

var _ prometheus.Collector = (*Stock)(nil)

// asked is a question and its last answer.
type asked struct {
	Question
	descs []*prometheus.Desc
	next  time.Time // used by the asking goroutine alone

	mu     sync.Mutex
	answer func(now time.Time) []float64 // nil if there is none
}

// NewStock returns a Stock that does not ask yet.
func NewStock(logger *slog.Logger, questions ...Question) *Stock {
	s := &Stock{logger: logger}
	for _, q := range questions {
		a := &asked{Question: q}
		for _, g := range q.Gauges {
			a.descs = append(a.descs, prometheus.NewDesc(g.Name, g.Help, nil, g.ConstLabels))
		}
		s.questions = append(s.questions, a)
	}
	return s
}

// Start begins to ask. Call it once.
func (s *Stock) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() { s.run(ctx) })
}

// Stop asks no more; a question in hand is given up. It may only be called after
// Start.
func (s *Stock) Stop() {
	s.stop()
	s.done.Wait()
}

func (s *Stock) run(ctx context.Context) {
	for ctx.Err() == nil {
		now := time.Now()
		wait := askEvery
		for _, q := range s.questions {
			if !now.Before(q.next) {
				s.ask(ctx, q)
			}
			wait = min(wait, time.Until(q.next))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// ask asks one question and decides when to ask it again.
func (s *Stock) ask(ctx context.Context, q *asked) {
	within, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	began := time.Now()
	answer, err := q.Ask(within)
	ended := time.Now()
	took := ended.Sub(began)
	pause := max(askEvery, share*took)
	if err != nil {
		pause, answer = max(retryEvery, min(longestRetry, share*took)), nil
		if ctx.Err() == nil {
			s.logger.DebugContext(ctx, "a metric is absent", "metric", q.Gauges[0].Name, "error", err)
		}
	}
	q.next = ended.Add(pause)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.answer = answer
}

// Describe implements prometheus.Collector.
func (s *Stock) Describe(ch chan<- *prometheus.Desc) {
	for _, q := range s.questions {
		for _, desc := range q.descs {
			ch <- desc
		}
	}
}

// Collect implements prometheus.Collector.
func (s *Stock) Collect(ch chan<- prometheus.Metric) {
	for _, q := range s.questions {
		q.mu.Lock()
		answer := q.answer
		q.mu.Unlock()
		if answer == nil {
			continue
		}
		for i, number := range answer(time.Now()) {
			ch <- prometheus.MustNewConstMetric(q.descs[i], prometheus.GaugeValue, number)
		}
	}
}
