package edge

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// How refusals for load are slowed down in a flood. Clients that repeat at once would
// otherwise make refusing the heaviest work of the process.
const (
	// promptRefusals is how many refusals a second are answered at once.
	promptRefusals = 50
	// refusalWait is how long further ones wait for their answer.
	refusalWait = 900 * time.Millisecond
	// maxWaiting is how many wait at most. Their connections hold buffers.
	maxWaiting = 1000
	// summaryEvery is the time between log lines about refusals without a line of their
	// own.
	summaryEvery = time.Second
)

// flood slows down refusals for load. Beyond promptRefusals a second they wait and have
// no line of the access log each.
type flood struct {
	prompt  *rate.Limiter
	waiting atomic.Int64
	drained chan struct{}
	drain   func()
	log     *slog.Logger

	mu sync.Mutex
	// silent counts the refusals without a log line since the last summary.
	silent map[refusalKind]int
}

// refusalKind is what a summary says of refusals.
type refusalKind struct {
	route  string
	status int
}

func newFlood(log *slog.Logger) *flood {
	f := &flood{prompt: rate.NewLimiter(promptRefusals, promptRefusals), drained: make(chan struct{}), log: log, silent: map[refusalKind]int{}}
	f.drain = sync.OnceFunc(func() { close(f.drained) })
	return f
}

// hold makes the answer to a refused request wait if there is a flood of them, within the
// time of the request. It reports whether there is. If too many wait, the answer is sent at
// once and its connection closed. It returns at once while the server drains.
func (f *flood) hold(x *Exchange) (flooded bool) {
	if f.prompt.Allow() {
		return false
	}
	defer f.waiting.Add(-1)
	if f.waiting.Add(1) > maxWaiting {
		x.raw.SetConnectionClose()
		return true
	}
	left := refusalWait
	if deadline, ok := x.ctx.Deadline(); ok {
		left = min(left, time.Until(deadline))
	}
	wait := time.NewTimer(left)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-f.drained:
	}
	return true
}

// count takes a refusal into the next summary.
func (f *flood) count(route string, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.silent) == 0 {
		time.AfterFunc(summaryEvery, f.summarize)
	}
	f.silent[refusalKind{route, status}]++
}

// summarize logs the refusals since the last summary.
func (f *flood) summarize() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for kind, count := range f.silent {
		f.log.Info("refused requests", "route", kind.route, "status", kind.status, "count", count)
	}
	clear(f.silent)
}
