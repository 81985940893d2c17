package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// T-05, R-16: requests in flight when a shutdown begins are answered as usual;
// their context goes on.
func TestShutdown_FinishesRequestsInFlight(t *testing.T) {
	t.Parallel()
	const clients = 20
	entered, release := make(chan struct{}, clients), make(chan struct{})
	useCases := goodUseCases()
	good := useCases.CurrentUser
	useCases.CurrentUser = does[ports.CurrentUserCommand, ports.UserResult](func(ctx context.Context, cmd ports.CurrentUserCommand) (ports.UserResult, error) {
		entered <- struct{}{}
		select {
		case <-release:
			return good.Execute(ctx, cmd)
		case <-ctx.Done():
			return ports.UserResult{}, ctx.Err()
		}
	})
	config := testConfig()
	config.RequestTimeout = time.Minute
	b := start(t, config, useCases)
	addr := b.address()
	conns := make([]*raw, clients)
	for i := range conns {
		conns[i] = dial(t, addr)
		conns[i].send("GET /api/auth/me HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\n\r\n")
	}
	for range clients {
		<-entered
	}
	idle := dial(t, addr)
	idle.send(get + "\r\n")
	require.Equal(t, http.StatusOK, idle.receive().StatusCode)

	stopped := make(chan error, 1)
	go func() { stopped <- b.server.Shutdown(t.Context()) }()
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
	useCases := goodUseCases()
	useCases.CurrentUser = does[ports.CurrentUserCommand, ports.UserResult](func(context.Context, ports.CurrentUserCommand) (ports.UserResult, error) {
		close(entered)
		<-release
		return ports.UserResult{User: testUser(domain.RoleUser)}, nil
	})
	b := start(t, testConfig(), useCases)
	r := dial(t, b.address())
	r.send("GET /api/auth/me HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\n\r\n")
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, b.server.Shutdown(ctx), context.Canceled)
	close(release)
	assert.Equal(t, http.StatusOK, r.receive().StatusCode)
}

func TestDrain_TurnsGatewaysAwayAndStillServes(t *testing.T) {
	t.Parallel()
	b := started(t)
	before := b.do(request{method: http.MethodGet, path: "/readyz"})
	assert.Equal(t, http.StatusOK, before.StatusCode)
	assert.JSONEq(t, `{"status":"ready"}`, before.body)
	b.server.Drain()
	after := b.do(request{method: http.MethodGet, path: "/readyz"})
	assert.Equal(t, http.StatusServiceUnavailable, after.StatusCode)
	assert.JSONEq(t, `{"status":"draining"}`, after.body)
	served := b.do(request{method: http.MethodGet, path: "/api/auth/me", token: userToken})
	assert.Equal(t, http.StatusOK, served.StatusCode)
	assert.True(t, served.Close)
	assert.Equal(t, http.StatusOK, b.do(request{method: http.MethodGet, path: "/healthz"}).StatusCode)
}

// R-01, V-40: not ready is said, why is logged, and only when it is new.
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
	b := start(t, config, goodUseCases())
	for range 3 {
		a := b.do(request{method: http.MethodGet, path: "/readyz"})
		assert.Equal(t, http.StatusServiceUnavailable, a.StatusCode)
		assert.JSONEq(t, `{"status":"unavailable","checks":{"database":"failed","keys":"ok"}}`, a.body)
		assert.Equal(t, "1", a.Header.Get("Retry-After"))
	}
	assert.Equal(t, 1, strings.Count(b.logs.String(), "db.internal:5432"), "probes do not flood the log")
	assert.Equal(t, Readiness{Ready: false, Checks: map[string]bool{"database": false, "keys": true}}, b.server.Readiness())
	assert.Equal(t, http.StatusOK, b.do(request{method: http.MethodGet, path: "/healthz"}).StatusCode)

	gone.Store(false)
	a := b.do(request{method: http.MethodGet, path: "/readyz"})
	assert.Equal(t, http.StatusOK, a.StatusCode)
	assert.JSONEq(t, `{"status":"ready","checks":{"database":"ok","keys":"ok"}}`, a.body)
	assert.Contains(t, b.logs.String(), "a check passes again")
	assert.True(t, b.server.Readiness().Ready)
	b.server.Drain()
	assert.Equal(t, Readiness{Ready: false, Checks: map[string]bool{"database": true, "keys": true}}, b.server.Readiness())
	assert.JSONEq(t, `{"status":"draining","checks":{"database":"ok","keys":"ok"}}`,
		b.do(request{method: http.MethodGet, path: "/readyz"}).body, "who drains says so at once, and what else is right")
}

// T-04, V-30: what one request brought is never seen in another, although
// buffers are used again.
func TestRequests_NeverMix(t *testing.T) {
	t.Parallel()
	const clients, requests = 64, 50
	var mu sync.Mutex
	seen := map[string]ports.LoginCommand{}
	useCases := goodUseCases()
	good := useCases.Login
	useCases.Login = does[ports.LoginCommand, ports.LoginResult](func(ctx context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
		mu.Lock()
		defer mu.Unlock()
		seen[cmd.Email] = cmd
		return good.Execute(ctx, cmd)
	})
	var ids sync.Map
	useCases.RevokeSession = does[ports.RevokeSessionCommand, ports.None](func(_ context.Context, cmd ports.RevokeSessionCommand) (ports.None, error) {
		ids.Store(cmd.SessionID, true)
		return ports.None{}, nil
	})
	b := start(t, testConfig(), useCases)
	addr := b.address()
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			r := dial(t, addr)
			for i := range requests {
				name := fmt.Sprintf("client-%d-request-%d", c, i)
				body := fmt.Sprintf(`{"email":%q,"password":%q}`, name, "password of "+name)
				r.send(fmt.Sprintf("%sUser-Agent: agent of %s\r\nContent-Length: %d\r\n\r\n%s", post, name, len(body), body))
				assert.Equal(t, http.StatusOK, r.receive().StatusCode)
				r.send("DELETE /api/auth/sessions/id-of-" + name + " HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\n\r\n")
				assert.Equal(t, http.StatusNoContent, r.receive().StatusCode)
			}
		})
	}
	wg.Wait()
	assert.Len(t, seen, clients*requests)
	for name, cmd := range seen {
		assert.Equal(t, "agent of "+name, cmd.Origin.Client.UserAgent)
		assert.Equal(t, "password of "+name, cmd.Password.Reveal())
		assert.Equal(t, "127.0.0.1", cmd.Origin.Client.IP)
		_, found := ids.Load("id-of-" + name)
		assert.True(t, found, name)
	}
}

// V-10, V-20, V-41: only the TCP peer says who the peer is.
func TestClientAddress_IsThePeers(t *testing.T) {
	t.Parallel()
	var got domain.Client
	useCases := goodUseCases()
	good := useCases.Login
	useCases.Login = does[ports.LoginCommand, ports.LoginResult](func(ctx context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
		got = cmd.Origin.Client
		return good.Execute(ctx, cmd)
	})
	b := start(t, testConfig(), useCases)
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "X_Forwarded_For", "X-Forwarded-Host"} {
		r := dial(t, b.address())
		r.send(fmt.Sprintf("%s%s: 198.51.100.1\r\nContent-Length: %d\r\n\r\n%s", post, name, len(loginBody), loginBody))
		require.Equal(t, http.StatusOK, r.receive().StatusCode)
		assert.Equal(t, domain.Client{IP: "127.0.0.1"}, got, name)
	}
	b.do(request{method: http.MethodPost, path: "/api/auth/login", body: loginBody, header: http.Header{"User-Agent": {"in-process"}}})
	assert.Equal(t, domain.Client{UserAgent: "in-process"}, got, "there is no address in-process")
}

// V-39: clients can't make series.
func TestMetrics_AreBounded(t *testing.T) {
	t.Parallel()
	b := started(t)
	for i := range 300 {
		b.do(request{method: http.MethodGet, path: fmt.Sprintf("/api/auth/nothing-%d", i)})
		b.do(request{method: fmt.Sprintf("ODD%d", i), path: fmt.Sprintf("/api/auth/sessions/%d", i)})
		b.do(request{method: http.MethodDelete, path: fmt.Sprintf("/api/auth/sessions/%d", i), token: userToken})
	}
	text := b.do(request{method: http.MethodGet, path: "/metrics"}).body
	series := regexp.MustCompile(`(?m)^auth_http_requests_total\{.*$`).FindAllString(text, -1)
	assert.ElementsMatch(t, []string{
		`auth_http_requests_total{method="GET",route="unmatched",status="4xx"} 300`,
		`auth_http_requests_total{method="OTHER",route="unmatched",status="4xx"} 300`,
		`auth_http_requests_total{method="DELETE",route="/api/auth/sessions/{session_id}",status="2xx"} 300`,
	}, series)
	for _, name := range []string{"auth_http_request_duration_seconds_bucket", "auth_http_requests_in_flight"} {
		assert.Contains(t, text, name)
	}
}

// S-46, S-47: the access log tells what was asked, not what was sent.
func TestAccessLog_HoldsNoSecrets(t *testing.T) {
	t.Parallel()
	b := started(t)
	b.do(request{
		method: http.MethodPost, path: "/api/auth/login?token=canary1", body: `{"email":"canary2@example.com","password":"canary3"}`,
		header: http.Header{"User-Agent": {"canary4"}, "X-Request-Id": {"known"}},
	})
	b.do(request{method: http.MethodGet, path: "/api/auth/canary5", token: "canary6"})
	b.do(request{method: http.MethodGet, path: "/api/auth/me", token: "canary7"})
	logs := b.logs.String()
	assert.NotContains(t, logs, "canary")
	line := regexp.MustCompile(`.*"request_id":"known".*`).FindString(logs)
	for _, want := range []string{`"method":"POST"`, `"route":"/api/auth/login"`, `"status":200`, `"duration_ms":`, `"client_ip":`, `"level":"INFO"`} {
		assert.Contains(t, line, want)
	}
	assert.Equal(t, 3, strings.Count(logs, `"msg":"request"`))
}
