package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// askEvery is the minimum time between two answers to a question.
	askEvery = 30 * time.Second
	// retryEvery is the minimum time after an unanswered question.
	retryEvery = time.Second
	// share bounds the database's time for questions to one part in share: a
	// question that took a second is asked again after share seconds.
	share = 100
	// askTimeout bounds the wait for an answer.
	askTimeout = 3 * time.Second
	// longestRetry bounds the pause after an unanswered question, so that its
	// metrics return soon after the database.
	longestRetry = time.Minute
)

// Question is a question that only the database can answer.
type Question struct {
	// Gauges are the metrics of the answer, in its order.
	Gauges []prometheus.GaugeOpts
	// Ask asks the database. It returns a function that returns the numbers at
	// the time of each call, because an age grows between two answers. Errors:
	// any, if the database does not answer.
	Ask func(ctx context.Context) (func(now time.Time) []float64, error)
}

// Stock asks its questions in the background, one at a time and at intervals, and
// shows the last answers. A scrape never waits for it. The metrics of an
// unanswered question are absent, so that no number is shown longer than it is
// valid. It is safe for concurrent use.
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
	next  time.Time // used only by the asking goroutine

	mu     sync.Mutex
	answer func(now time.Time) []float64 // nil without an answer
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

// Stop stops asking and gives up a running question. Call it only after Start.
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

// ask asks one question and decides when to repeat it.
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
