package edge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const wait = "GET /api/wait HTTP/1.1\r\n" + host + "\r\n"

// T-05, R-16: requests in flight when a shutdown begins are answered as usual;
// their context goes on.
func TestShutdown_FinishesRequestsInFlight(t *testing.T) {
	t.Parallel()
	const clients = 20
	entered, release := make(chan struct{}, clients), make(chan struct{})
	config := testConfig()
	config.RequestTimeout = time.Minute
	b := unstarted(t, config)
	b.engine.Get("/api/wait", func(x *Exchange) {
		entered <- struct{}{}
		select {
		case <-release:
			_, _ = io.WriteString(x, "done")
		case <-x.Context().Done():
			b.engine.config.Refuse(x, x.Context().Err())
		}
	})
	addr := b.address()
	conns := make([]*raw, clients)
	for i := range conns {
		conns[i] = dial(t, addr)
		conns[i].send(wait)
	}
	for range clients {
		<-entered
	}
	idle := dial(t, addr)
	idle.send(get + "\r\n")
	require.Equal(t, http.StatusOK, idle.receive().StatusCode)

	stopped := make(chan error, 1)
	go func() { stopped <- b.engine.Shutdown(t.Context()) }()
	idle.ends() // T-06, R-17: the idle connection is closed meanwhile
	close(release)
	for _, c := range conns {
		a := c.receive()
		assert.Equal(t, http.StatusOK, a.StatusCode, a.body)
		assert.True(t, a.Close)
		c.ends()
	}
	require.NoError(t, <-stopped)
}

func TestShutdown_GivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	b := unstarted(t, testConfig())
	b.engine.Get("/api/wait", func(x *Exchange) {
		close(entered)
		<-release
		_, _ = io.WriteString(x, "done")
	})
	r := dial(t, b.address())
	r.send(wait)
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, b.engine.Shutdown(ctx), context.Canceled)
	close(release)
	assert.Equal(t, http.StatusOK, r.receive().StatusCode)
}

func TestDrain_TurnsGatewaysAwayAndStillServes(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig())
	before := b.get("/readyz")
	assert.Equal(t, http.StatusOK, before.StatusCode)
	assert.JSONEq(t, `{"status":"ready"}`, before.body)
	b.engine.Drain()
	after := b.get("/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, after.StatusCode)
	assert.JSONEq(t, `{"status":"draining"}`, after.body)
	served := b.get("/api/public")
	assert.Equal(t, http.StatusOK, served.StatusCode)
	assert.True(t, served.Close)
	assert.Equal(t, http.StatusOK, b.get("/healthz").StatusCode)
}

// R-01, V-40: the answer names the check that fails. Its reason is logged, and only
// when it is new.
func TestReadyz_NamesTheCheckAndHidesTheCause(t *testing.T) {
	t.Parallel()
	config := testConfig()
	var gone atomic.Bool
	gone.Store(true)
	config.Checks = []Check{
		{Name: "database", Check: func(context.Context) error {
			if gone.Load() {
				return errors.New("dial db.internal:5432: user auth")
			}
			return nil
		}},
		{Name: "keys", Check: func(context.Context) error { return nil }},
	}
	b := start(t, config)
	for range 3 {
		a := b.get("/readyz")
		assert.Equal(t, http.StatusServiceUnavailable, a.StatusCode)
		assert.JSONEq(t, `{"status":"unavailable","checks":{"database":"failed","keys":"ok"}}`, a.body)
		assert.Equal(t, "1", a.Header.Get("Retry-After"))
	}
	assert.Equal(t, 1, strings.Count(b.logs.String(), "db.internal:5432"), "probes do not flood the log")
	assert.Equal(t, Readiness{Ready: false, Checks: map[string]bool{"database": false, "keys": true}}, b.engine.Readiness())
	assert.Equal(t, http.StatusOK, b.get("/healthz").StatusCode)

	gone.Store(false)
	a := b.get("/readyz")
	assert.Equal(t, http.StatusOK, a.StatusCode)
	assert.JSONEq(t, `{"status":"ready","checks":{"database":"ok","keys":"ok"}}`, a.body)
	assert.Contains(t, b.logs.String(), "a check passes again")
	assert.True(t, b.engine.Readiness().Ready)
	b.engine.Drain()
	assert.Equal(t, Readiness{Ready: false, Checks: map[string]bool{"database": true, "keys": true}}, b.engine.Readiness())
	assert.JSONEq(t, `{"status":"draining","checks":{"database":"ok","keys":"ok"}}`, b.get("/readyz").body, "the checks are shown while draining")
}
