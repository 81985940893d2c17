package edge

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

// refused returns the exchange of a refused request.
func refused() *Exchange {
	return &Exchange{ctx: context.Background(), raw: &fasthttp.RequestCtx{}, turnedAway: true}
}

func TestFlood_FiftyRefusalsASecondAreAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlood(slog.New(slog.DiscardHandler))
		for range 3 {
			start := time.Now()
			for range promptRefusals {
				assert.False(t, f.hold(refused()))
			}
			assert.Zero(t, time.Since(start))
			assert.True(t, f.hold(refused()))
			assert.Equal(t, refusalWait, time.Since(start))
			time.Sleep(time.Second)
		}
	})
}

// Beyond a thousand that wait, refusals are answered at once and lose their connection.
func TestFlood_AThousandWaitAtMost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlood(slog.New(slog.DiscardHandler))
		for range promptRefusals {
			f.hold(refused())
		}
		var all sync.WaitGroup
		for range maxWaiting {
			all.Go(func() {
				x := refused()
				assert.True(t, f.hold(x))
				assert.False(t, x.raw.Response.ConnectionClose())
			})
		}
		synctest.Wait()
		start := time.Now()
		further := refused()
		assert.True(t, f.hold(further))
		assert.Zero(t, time.Since(start))
		assert.True(t, further.raw.Response.ConnectionClose())
		all.Wait()
		assert.Equal(t, refusalWait, time.Since(start))
		assert.Zero(t, f.waiting.Load())
	})
}

// An answer is not held beyond the time of its request.
func TestFlood_NoAnswerIsHeldBeyondItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlood(slog.New(slog.DiscardHandler))
		for range promptRefusals {
			f.hold(refused())
		}
		x := refused()
		ctx, cancel := context.WithTimeout(t.Context(), refusalWait/3)
		defer cancel()
		x.ctx = ctx
		start := time.Now()
		assert.True(t, f.hold(x))
		assert.Equal(t, refusalWait/3, time.Since(start))
	})
}

func TestFlood_DrainingEndsTheWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlood(slog.New(slog.DiscardHandler))
		for range promptRefusals {
			f.hold(refused())
		}
		start := time.Now()
		var one sync.WaitGroup
		one.Go(func() { f.hold(refused()) })
		synctest.Wait()
		f.drain()
		one.Wait()
		assert.Zero(t, time.Since(start))
		assert.True(t, f.hold(refused()), "later ones don't wait either")
		f.drain()
		assert.Zero(t, time.Since(start))
	})
}

// Through the whole engine: refusals for load wait and are summarized in the log, and
// nothing else waits.
func TestEngine_SlowsDownAFloodOfRefusals(t *testing.T) {
	t.Parallel()
	b := unstarted(t, testConfig())
	b.engine.Get("/api/busy", func(x *Exchange) { x.SetStatus(http.StatusServiceUnavailable); x.TurnAway() })
	b.client = b.engine.Client()
	const clients = 100
	var closed, slow atomic.Int64
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			began := time.Now()
			a := b.get("/api/busy")
			assert.Equal(t, http.StatusServiceUnavailable, a.StatusCode)
			if time.Since(began) >= refusalWait {
				slow.Add(1)
			}
			if a.Close {
				closed.Add(1)
			}
		})
	}
	all.Wait()
	assert.Zero(t, closed.Load())
	assert.Positive(t, slow.Load())
	assert.LessOrEqual(t, slow.Load(), int64(clients-promptRefusals))
	assert.Contains(t, b.get("/metrics").body, `test_http_requests_total{method="GET",route="/api/busy",status="5xx"} 100`, "each is counted")
	require.NoError(t, b.engine.Shutdown(t.Context()))
	lines := strings.Count(b.logs.String(), `"route":"/api/busy","status":503,"duration_ms"`)
	assert.GreaterOrEqual(t, lines, promptRefusals)
	assert.Equal(t, clients, lines+int(slow.Load()), "each refusal has a line or is in a summary")
	assert.Contains(t, b.logs.String(), `"msg":"refused requests","route":"/api/busy","status":503,"count":`)
}
