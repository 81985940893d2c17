package edge

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/valyala/fasthttp"
)

// healthBody is the body of the answer to a probe.
type healthBody struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

// The paths of probes and scrapes.
const (
	pathHealthz = "/healthz"
	pathReadyz  = "/readyz"
	pathMetrics = "/metrics"
)

func (e *Engine) addProbes() {
	e.Get(pathHealthz, healthz)
	e.Get(pathReadyz, e.readyz)
	scrape := e.metrics.handler(e.log)
	e.Get(pathMetrics, func(x *Exchange) { scrape(x.raw) })
}

// healthz shows that the process answers. It checks nothing else, because a
// restart of the process would not bring a database back.
func healthz(x *Exchange) { writeHealth(x, healthBody{Status: "ok"}) }

func writeHealth(x *Exchange, body healthBody) {
	x.SetContentType("application/json")
	if err := json.MarshalWrite(x, body); err != nil {
		panic(fmt.Errorf("encoding the answer to a probe: %w", err))
	}
}

// readyz shows whether requests should be sent here.
func (e *Engine) readyz(x *Exchange) {
	now := e.judge(x.ctx)
	body := healthBody{Status: "ready", Checks: map[string]string{}}
	for name, passed := range now.Checks {
		body.Checks[name] = "ok"
		if !passed {
			body.Checks[name] = "failed"
		}
	}
	switch {
	case e.draining.Load():
		body.Status = "draining"
	case !now.Ready:
		body.Status = "unavailable"
	}
	if body.Status != "ready" {
		x.SetStatus(http.StatusServiceUnavailable)
		x.SetHeader(fasthttp.HeaderRetryAfter, "1")
	}
	writeHealth(x, body)
}

// Check is one thing that the service cannot work without.
type Check struct {
	// Name is shown in the answer of /readyz.
	Name string
	// Check returns why the thing is not usable. The error is logged when it is
	// new, and never shown. Check is called for every probe, so it returns at
	// once. Slow checks run in the background.
	Check func(ctx context.Context) error
}

// Readiness is the content of /readyz.
type Readiness struct {
	// Ready reports whether requests should be sent here: every check passes and
	// the engine does not drain.
	Ready bool
	// Checks are the checks of Config by their names, and whether each passes.
	Checks map[string]bool
}

// Readiness returns the content of /readyz at this moment.
func (e *Engine) Readiness() Readiness { return e.judge(context.Background()) }

// judge asks all checks.
func (e *Engine) judge(ctx context.Context) Readiness {
	now := Readiness{Ready: !e.draining.Load(), Checks: make(map[string]bool, len(e.config.Checks))}
	for _, c := range e.config.Checks {
		err := c.Check(ctx)
		now.Checks[c.Name] = err == nil
		now.Ready = now.Ready && err == nil
		e.verdicts.note(ctx, e.log, c.Name, err)
	}
	return now
}

// verdicts remembers the last result of each check, so that only changes are
// logged: probes come every few seconds. The zero value is ready for use.
type verdicts struct {
	mu     sync.Mutex
	failed map[string]bool
}

// note logs a verdict that is new. The reason of a failure goes to the log only,
// because it may name hosts and users (V-40).
func (v *verdicts) note(ctx context.Context, log *slog.Logger, name string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed[name] == (err != nil) {
		return
	}
	if v.failed == nil {
		v.failed = map[string]bool{}
	}
	v.failed[name] = err != nil
	if err != nil {
		log.WarnContext(ctx, "not ready", "check", name, "error", err)
	} else {
		log.InfoContext(ctx, "a check passes again", "check", name)
	}
}
