package httpapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// checkTimeout is how long one readiness check may take; probes usually give
// up after a few seconds themselves.
const checkTimeout = 2 * time.Second

type healthBody struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

func (s *Server) probeRoutes() {
	s.get("/healthz", s.healthz)
	s.get("/readyz", s.readyz)
	s.get("/metrics", s.metrics.handler())
}

// healthz tells that the process answers. It looks at nothing else: restarting
// the process would not bring a database back.
func (s *Server) healthz(fctx *fasthttp.RequestCtx) {
	fctx.SetContentType(contentTypeJSON)
	s.encode(fctx, healthBody{Status: "ok"})
}

// readyz tells whether requests should be sent here.
func (s *Server) readyz(fctx *fasthttp.RequestCtx) {
	body := healthBody{Status: "ready", Checks: s.check(exchangeOf(fctx).ctx)}
	for _, verdict := range body.Checks {
		if verdict != "ok" {
			body.Status = "unavailable"
		}
	}
	if s.draining.Load() {
		body.Status = "draining"
	}
	if body.Status != "ready" {
		fctx.SetStatusCode(http.StatusServiceUnavailable)
		fctx.Response.Header.Set(fasthttp.HeaderRetryAfter, "1")
	}
	fctx.SetContentType(contentTypeJSON)
	s.encode(fctx, body)
}

// check runs all checks at once. Why one failed is for the log only: it may name
// hosts and users (V-40).
func (s *Server) check(ctx context.Context) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	verdicts := make([]string, len(s.config.Checks))
	var wg sync.WaitGroup
	for i, c := range s.config.Checks {
		wg.Go(func() {
			verdicts[i] = "ok"
			if err := c.Check(ctx); err != nil {
				verdicts[i] = "failed"
				s.log.WarnContext(ctx, "not ready", "check", c.Name, "error", err)
			}
		})
	}
	wg.Wait()
	byName := make(map[string]string, len(verdicts))
	for i, c := range s.config.Checks {
		byName[c.Name] = verdicts[i]
	}
	return byName
}
