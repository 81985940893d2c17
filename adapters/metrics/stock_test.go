package metrics_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/adapters/metrics"
)

func gauges(names ...string) []prometheus.GaugeOpts {
	var all []prometheus.GaugeOpts
	for _, name := range names {
		all = append(all, prometheus.GaugeOpts{Name: name, Help: "Help."})
	}
	return all
}

// database is the database of these tests, in the time of synctest.
type database struct {
	asked, running atomic.Int64
	most           atomic.Int64 // the largest number of questions at once
	takes          time.Duration
	gone           bool
	hangs          bool
}

func (d *database) question(names ...string) metrics.Question {
	return metrics.Question{Gauges: gauges(names...), Ask: d.ask}
}

func (d *database) ask(ctx context.Context) (func(time.Time) []float64, error) {
	d.most.Store(max(d.most.Load(), d.running.Add(1)))
	defer d.running.Add(-1)
	count := float64(d.asked.Add(1))
	if d.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	time.Sleep(d.takes) // synctest's time passes at once
	if d.gone {
		return nil, errors.New("the database does not answer")
	}
	at := time.Now()
	return func(now time.Time) []float64 { return []float64{count, now.Sub(at).Seconds()} }, nil
}

// run runs a Stock for the length of a test within synctest.
func run(t *testing.T, questions ...metrics.Question) *metrics.Stock {
	t.Helper()
	stock := metrics.NewStock(slog.New(slog.DiscardHandler), questions...)
	stock.Start()
	t.Cleanup(stock.Stop)
	synctest.Wait()
	return stock
}

func TestStock_AsksAtOnceAndThenAtIntervals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &database{takes: 10 * time.Millisecond}
		stock := run(t, d.question("count", "age"), d.question("other", "since"))
		time.Sleep(time.Second)
		for range 5 { // however often it is scraped
			shown := gather(t, stock)
			assert.InDelta(t, 1, shown["count"], 0)
			assert.InDelta(t, 0.99, shown["age"], 0.001, "an age grows between two answers")
			assert.InDelta(t, 2, shown["other"], 0)
		}
		time.Sleep(10 * time.Minute)
		assert.InDelta(t, 2*20, d.asked.Load(), 4, "about every 30 seconds each")
		assert.EqualValues(t, 1, d.most.Load(), "never two questions at once")
	})
}

func TestStock_AsksADearQuestionLessOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &database{takes: 1500 * time.Millisecond}
		run(t, d.question("count", "age"))
		time.Sleep(time.Hour)
		assert.LessOrEqual(t, time.Duration(d.asked.Load())*d.takes, time.Hour/100+d.takes, "questions take at most a hundredth of the time")
		assert.Greater(t, d.asked.Load(), int64(20))
	})
}

func TestStock_ShowsNothingWhileTheDatabaseIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &database{}
		stock := run(t, d.question("count", "age"))
		assert.Contains(t, gather(t, stock), "count")
		d.gone = true
		time.Sleep(31 * time.Second)
		assert.Empty(t, gather(t, stock))
		d.gone = false
		time.Sleep(2 * time.Second)
		assert.Contains(t, gather(t, stock), "count", "the metric returns by itself, and soon")
	})
}

// A scrape and the end of the service do not wait for a database that hangs.
func TestStock_WaitsForNoAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &database{hangs: true}
		stock := metrics.NewStock(slog.New(slog.DiscardHandler), d.question("count", "age"))
		stock.Start()
		synctest.Wait()
		before := time.Now()
		assert.Empty(t, gather(t, stock))
		stock.Stop()
		assert.Equal(t, before, time.Now(), "no time has passed")

		stock = run(t, d.question("count", "age"))
		time.Sleep(10 * time.Minute)
		assert.LessOrEqual(t, d.asked.Load(), int64(12), "a hanging database is not asked without end")
		assert.EqualValues(t, 1, d.most.Load())
		assert.Empty(t, gather(t, stock))
	})
}

func TestHashing_KeepsBothTimesApart(t *testing.T) {
	t.Parallel()
	hashing := metrics.NewHashing()
	hashing.Waited(time.Millisecond)
	hashing.Waited(time.Second)
	hashing.Hashed(time.Second)
	shown := gather(t, hashing,
		metrics.Build("1.2.3", "abc", "go1"),
		metrics.Counter("some_total", "Help.", prometheus.Labels{"limit": "login_ip"}, func() uint64 { return 3 }),
		metrics.Gauge("some", "Help.", func() float64 { return 4 }))
	assert.Equal(t, map[string]float64{
		"auth_hash_wait_seconds": 2, "auth_hash_duration_seconds": 1,
		"auth_build_info go1 abc 1.2.3": 1, "some_total login_ip": 3, "some": 4,
	}, shown)
}
