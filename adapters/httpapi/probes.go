package httpapi

import (
	"context"
	"net/http"
	"sync"

	"github.com/valyala/fasthttp"
)

// healthBody is the answer to a probe.
type healthBody struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

func (s *Server) probeRoutes() {
	s.get("/healthz", s.healthz)
	s.get("/readyz", s.readyz)
	s.get("/metrics", s.metrics.handler(s.log))
}

// healthz tells that the process answers. It looks at nothing else: restarting
// the process would not bring a database back.
func (s *Server) healthz(fctx *fasthttp.RequestCtx) {
	fctx.SetContentType(contentTypeJSON)
	s.encode(fctx, healthBody{Status: "ok"})
}

// readyz tells whether requests should be sent here.
func (s *Server) readyz(fctx *fasthttp.RequestCtx) {
	now := s.judge(exchangeOf(fctx).ctx)
	body := healthBody{Status: "ready", Checks: map[string]string{}}
	for name, passed := range now.Checks {
		body.Checks[name] = "ok"
		if !passed {
			body.Checks[name] = "failed"
		}
	}
	switch {
	case s.draining.Load():
		body.Status = "draining"
	case !now.Ready:
		body.Status = "unavailable"
	}
	if body.Status != "ready" {
		fctx.SetStatusCode(http.StatusServiceUnavailable)
		fctx.Response.Header.Set(fasthttp.HeaderRetryAfter, "1")
	}
	fctx.SetContentType(contentTypeJSON)
	s.encode(fctx, body)
}

// Readiness is what /readyz says.
type Readiness struct {
	// Ready is whether requests should be sent here: every check passes and the
	// server does not drain.
	Ready bool
	// Checks are the checks of Config by their names, and whether each passes.
	Checks map[string]bool
}

// Readiness returns what /readyz would say now.
func (s *Server) Readiness() Readiness { return s.judge(context.Background()) }

// judge asks all checks.
func (s *Server) judge(ctx context.Context) Readiness {
	now := Readiness{Ready: !s.draining.Load(), Checks: make(map[string]bool, len(s.config.Checks))}
	for _, c := range s.config.Checks {
		err := c.Check(ctx)
		now.Checks[c.Name] = err == nil
		now.Ready = now.Ready && err == nil
		s.verdicts.note(ctx, s, c.Name, err)
	}
	return now
}

// verdicts remembers what each check said last, so that only changes are
// logged: probes come every few seconds. The zero value is ready for use.
type verdicts struct {
	mu     sync.Mutex
	failed map[string]bool
}

// note logs a verdict that is new. Why a check failed is for the log only: it
// may name hosts and users (V-40).
func (v *verdicts) note(ctx context.Context, s *Server, name string, err error) {
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
		s.log.WarnContext(ctx, "not ready", "check", name, "error", err)
	} else {
		s.log.InfoContext(ctx, "a check passes again", "check", name)
	}
}
