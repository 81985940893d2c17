package gateways

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// upstream is a replica that a test controls.
type upstream struct {
	addr string

	mu sync.Mutex
	// ready is its answer at /readyz; asked counts the requests there.
	ready bool
	asked int
	// drops is whether it reads requests and ends connections without an answer.
	drops bool
	// got counts the requests by method.
	got map[string]int
}

func startUpstream(t *testing.T) *upstream {
	t.Helper()
	u := &upstream{ready: true, got: map[string]int{}}
	server := httptest.NewServer(u)
	t.Cleanup(server.Close)
	u.addr = server.Listener.Addr().String()
	return u
}

// ServeHTTP implements http.Handler.
func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if r.URL.Path == "/readyz" {
		u.asked++
		if !u.ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	u.got[r.Method]++
	if u.drops {
		panic(http.ErrAbortHandler)
	}
}

func (u *upstream) set(ready, drops bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ready, u.drops, u.asked = ready, drops, 0
}

func (u *upstream) count(method string) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.got[method]
}

func (u *upstream) checks() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.asked
}

// A changing request that a replica has read is not sent to the other replica, because it
// may have taken effect.
func TestRetries_NeverRepeatASentRequest(t *testing.T) {
	t.Parallel()
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		replicas := []*upstream{startUpstream(t), startUpstream(t)}
		g := s.Start(t, gateway.Site{Replicas: [2]string{replicas[0].addr, replicas[1].addr}, App: "127.0.0.1:1"})
		for _, u := range replicas {
			u.set(true, true)
		}
		const requests = 20
		for range requests {
			for _, method := range []string{"POST", "PATCH"} {
				a := ask(t, g, withBody(method, "/api/auth/login", `{"a":"b"}`))
				assert.Contains(t, []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, a.status)
			}
		}
		for _, method := range []string{"POST", "PATCH"} {
			sum := replicas[0].count(method) + replicas[1].count(method)
			assert.LessOrEqual(t, sum, requests, method)
			assert.Positive(t, sum, method)
		}
	})
}

// A request that could not be sent goes to the other replica, with any method.
func TestRetries_SendAnUnsentRequestToTheOtherReplica(t *testing.T) {
	t.Parallel()
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		alive := startUpstream(t)
		gone := net.JoinHostPort("127.0.0.1", quietPort(t))
		g := s.Start(t, gateway.Site{Replicas: [2]string{gone, alive.addr}, App: "127.0.0.1:1"})
		const requests = 20
		for range requests {
			a := ask(t, g, withBody("POST", "/api/auth/login", `{"a":"b"}`))
			require.Equal(t, http.StatusOK, a.status, a.body)
			a = ask(t, g, request("GET", "/api/auth/me"))
			require.Equal(t, http.StatusOK, a.status, a.body)
		}
		assert.Equal(t, requests, alive.count("POST"))
		assert.Equal(t, requests, alive.count("GET"))
	})
}

// A replica that is not ready gets no more requests, until it is ready again.
func TestHealthChecks_FollowReadyz(t *testing.T) {
	t.Parallel()
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		first, second := startUpstream(t), startUpstream(t)
		g := s.Start(t, gateway.Site{Replicas: [2]string{first.addr, second.addr}, App: "127.0.0.1:1"})
		send := func(n int) {
			for range n {
				require.Equal(t, http.StatusOK, ask(t, g, request("GET", "/api/auth/me")).status)
			}
		}
		send(20)
		assert.Positive(t, first.count("GET"))
		assert.Positive(t, second.count("GET"))
		if !s.ChecksHealth {
			assert.Zero(t, first.checks(), "if it begins to check, docs/gateways.md is wrong")
			return
		}

		first.set(false, false)
		program.Eventually(t, "the gateway avoids it", func() bool {
			before := first.count("GET")
			send(20) // enough for any way of choosing between two
			return first.count("GET") == before
		})
		before := first.count("GET")
		send(20)
		assert.Equal(t, before, first.count("GET"))

		first.set(true, false)
		program.Eventually(t, "the gateway uses it again", func() bool {
			send(4)
			return first.count("GET") > before
		})
	})
}

// While one replica is away, requests that come together all reach the other.
func TestBalancing_RefusesNothingWhileOneIsAway(t *testing.T) {
	t.Parallel()
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		away, alive := startUpstream(t), startUpstream(t)
		g := s.Start(t, gateway.Site{Replicas: [2]string{away.addr, alive.addr}, App: "127.0.0.1:1"})
		if s.ChecksHealth {
			away.set(false, false)
			program.Eventually(t, "the gateway avoids it", func() bool {
				before := away.count("GET")
				for range 20 {
					require.Equal(t, http.StatusOK, ask(t, g, request("GET", "/api/auth/me")).status)
				}
				return away.count("GET") == before
			})
		}
		const clients, each = 16, 500
		statuses := make(chan int, clients*each)
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				c := &client{g: g}
				defer c.close()
				for range each {
					a, err := c.send(withBody("POST", "/api/auth/login", `{"a":"b"}`))
					assert.NoError(t, err)
					statuses <- a.status
				}
			})
		}
		all.Wait()
		close(statuses)
		answered := map[int]int{}
		for status := range statuses {
			answered[status]++
		}
		assert.Equal(t, map[int]int{http.StatusOK: clients * each}, answered)
	})
}

// The service never gets a request to change the protocol, whatever a client writes.
func TestUpgrade_NeverReachesTheService(t *testing.T) {
	t.Parallel()
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		var upgrades atomic.Int32
		replica := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") != "" {
				upgrades.Add(1)
			}
		}))
		t.Cleanup(replica.Close)
		addr := replica.Listener.Addr().String()
		g := s.Start(t, gateway.Site{Replicas: [2]string{addr, addr}, App: "127.0.0.1:1"})
		for _, protocol := range []string{"websocket", "h2c", "websocket, h2c", "websocket /app/", "h2c, websocket /app/"} {
			assert.Equal(t, http.StatusOK, ask(t, g, request("GET", "/api/auth/me", upgrade(protocol)...)).status)
		}
		assert.Zero(t, upgrades.Load())
	})
}

// An upload of any size passes the gateway piece by piece: kept there until its end, an endless one
// of a client without an account would fill the gateway's disk.
func TestUploads_AreNotKeptAtTheGateway(t *testing.T) {
	t.Parallel()
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		began := make(chan int, 1)
		app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			n, _ := io.ReadFull(r.Body, make([]byte, 64<<10))
			began <- n
			_, _ = io.Copy(io.Discard, r.Body)
		}))
		t.Cleanup(app.Close)
		replica := startUpstream(t)
		g := s.Start(t, gateway.Site{Replicas: [2]string{replica.addr, replica.addr}, App: app.Listener.Addr().String()})
		conn, err := tls.Dial("tcp", g.Addr, g.TLS)
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		require.NoError(t, conn.SetDeadline(time.Now().Add(program.Patience)))
		const piece = 256 << 10
		_, err = fmt.Fprintf(conn, "%s%x\r\n%s\r\n", request("POST", "/app/public/upload", "Transfer-Encoding: chunked"), piece, strings.Repeat("a", piece))
		require.NoError(t, err)
		select {
		case n := <-began:
			assert.Equal(t, 64<<10, n)
		case <-time.After(program.Patience / 2):
			t.Fatal("the application saw nothing of an upload that goes on")
		}
		_, err = io.WriteString(conn, "0\r\n\r\n")
		require.NoError(t, err)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, http.StatusOK, answer.StatusCode)
	})
}

// Without a replica, the gateway refuses the application's pages.
func TestForwardAuth_RefusesWhenNoReplicaAnswers(t *testing.T) {
	t.Parallel()
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		gone := [2]string{net.JoinHostPort("127.0.0.1", quietPort(t)), net.JoinHostPort("127.0.0.1", quietPort(t))}
		g := s.Start(t, gateway.Site{Replicas: gone, App: startApp(t)})
		for _, target := range []string{"/app/orders", "/app/admin/"} {
			a := ask(t, g, request("GET", target, "Authorization: Bearer x", "X-Auth-Role: admin"))
			assert.Contains(t, []int{http.StatusBadGateway, http.StatusServiceUnavailable}, a.status)
			assert.Empty(t, a.header.Get("X-Demo-App"))
		}
		assert.Empty(t, forged(reached(t, g, request("GET", "/app/public/", forgeries()...))))
	})
}

// A successful answer without a user opens no page, not even if the client itself names
// a user. Replicas never send such an answer.
func TestForwardAuth_IgnoresAUserThatTheClientNames(t *testing.T) {
	t.Parallel()
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		var status atomic.Int32
		nobody := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for name := range r.Header {
				if strings.HasPrefix(strings.ToLower(name), "x-auth") {
					t.Errorf("the service is told %s", name)
				}
			}
			if r.URL.Path != "/readyz" {
				w.WriteHeader(int(status.Load()))
			}
		}))
		t.Cleanup(nobody.Close)
		addr := nobody.Listener.Addr().String()
		g := s.Start(t, gateway.Site{Replicas: [2]string{addr, addr}, App: startApp(t)})
		for _, good := range []int32{http.StatusNoContent, http.StatusOK} {
			status.Store(good)
			for _, target := range []string{"/app/orders", "/app/admin/"} {
				a := ask(t, g, request("GET", target, append(forgeries(), "Authorization: Bearer x")...))
				assert.Contains(t, []int{http.StatusBadGateway, http.StatusServiceUnavailable}, a.status, "%d for %s", good, target)
				assert.Empty(t, a.header.Get("X-Demo-App"), "%d for %s", good, target)
				assert.NotContains(t, a.body, "forged")
			}
		}
	})
}
