package gateways

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
)

// traceFields are the headers of a trace context.
var traceFields = []string{"Traceparent", "Tracestate", "Baggage"}

// traced returns the fields of a client that sends trace contexts and other headers.
func traced() []string {
	const parent = ": 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	return []string{
		"traceparent" + parent, "tracestate: forged=1", "baggage: forged=1",
		"TraceParent" + parent, "TRACESTATE: forged=2", "Baggage: forged=2",
		"Connection: keep-alive", "X-Other: kept", "Authorization: Bearer x",
	}
}

// witness is a service that accepts every user and remembers the requests it got.
type witness struct {
	addr string

	mu  sync.Mutex
	got []seen
}

func startWitness(t *testing.T) *witness {
	t.Helper()
	w := &witness{}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.addr = server.Listener.Addr().String()
	return w
}

// ServeHTTP implements http.Handler.
func (w *witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/readyz" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got = append(w.got, seen{URI: r.RequestURI, Header: r.Header.Clone()})
	for _, name := range identity {
		out.Header().Set(name, "somebody")
	}
	if strings.HasPrefix(r.URL.Path, "/api/auth/forward-auth") {
		out.WriteHeader(http.StatusNoContent)
	}
}

// take returns the requests since the last call.
func (w *witness) take() []seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.got
	w.got = nil
	return got
}

// A client cannot decide whether requests are traced, or in which trace, because the
// service trusts the trace context of its gateway, and applications may do so too.
func TestTracing_DropsTheClientsTraceContext(t *testing.T) {
	t.Parallel()
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		service := startWitness(t)
		g := s.Start(t, gateway.Site{Replicas: [2]string{service.addr, service.addr}, App: startApp(t)})
		service.take()

		a := ask(t, g, withBody("POST", "/api/auth/login", `{"a":"b"}`, traced()...))
		require.Equal(t, http.StatusOK, a.status, a.body)
		got := service.take()
		require.Len(t, got, 1)
		assert.Equal(t, "kept", got[0].Header.Get("X-Other"), "other fields do arrive")
		untraced(t, got[0])

		for target, questions := range map[string]int{"/app/public/": 0, "/app/orders": 1, "/app/admin/users": 1} {
			app := reached(t, g, request("GET", target, traced()...))
			assert.Equal(t, "kept", app.Header.Get("X-Other"), "other fields do arrive")
			untraced(t, app)
			asked := service.take()
			require.Len(t, asked, questions, target)
			for _, question := range asked {
				untraced(t, question)
			}
		}
	})
}

// untraced demands that a request has no trace context.
func untraced(t *testing.T, got seen) {
	t.Helper()
	for _, name := range traceFields {
		assert.Empty(t, got.Header[name], "%s of %s", name, got.URI)
	}
	assert.Empty(t, forged(got), got.URI)
}

// Without a gateway in between, the same fields arrive, so the test above would notice
// them.
func TestTracing_WitnessesSeeTheFieldsThatArrive(t *testing.T) {
	t.Parallel()
	service := startWitness(t)
	sendDirectly(t, service.addr)
	got := service.take()
	require.Len(t, got, 1)
	var app seen
	require.NoError(t, json.Unmarshal([]byte(sendDirectly(t, startApp(t)).body), &app))
	for _, of := range []seen{got[0], app} {
		for _, name := range traceFields {
			assert.Len(t, of.Header[name], 2, "%s of %s", name, of.URI)
		}
		assert.Len(t, forged(of), 2)
	}
}

// sendDirectly sends a request with trace contexts to an upstream, past the gateway.
func sendDirectly(t *testing.T, addr string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	c := &client{conn: conn, in: bufio.NewReader(conn)}
	defer c.close()
	a, err := c.send(request("GET", "/app/orders", traced()...))
	require.NoError(t, err)
	return a
}

// If the gateway begins traces with the documented lines, each request has the
// gateway's context and nothing of the client's.
func TestTracing_MayBeginAtTheGateway(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/gateways.md")
	require.NoError(t, err)
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		lines := tracingOf(t, string(text), s.Name)
		if s.Name != "HAProxy" {
			require.Empty(t, lines, "Debian's packages lack the module")
			return
		}
		require.NotEmpty(t, lines)
		service := startWitness(t)
		g := s.Start(t, gateway.Site{Replicas: [2]string{service.addr, service.addr}, App: startApp(t), Tracing: lines})
		service.take()
		require.Equal(t, http.StatusOK, ask(t, g, request("GET", "/api/auth/me", traced()...)).status)
		got := append(service.take(), reached(t, g, request("GET", "/app/orders", traced()...)))
		require.Len(t, got, 2)
		for _, of := range got {
			require.Len(t, of.Header["Traceparent"], 1, of.URI)
			assert.Regexp(t, `^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$`, of.Header.Get("Traceparent"))
			assert.NotContains(t, of.Header.Get("Traceparent"), "0af7651916cd43dd8448eb211c80319c", "the client's trace")
			assert.Empty(t, forged(of), of.URI)
		}
		assert.NotEqual(t, got[0].Header["Traceparent"], got[1].Header["Traceparent"])
	})
}

// tracingOf returns the lines of docs/gateways.md that make a gateway trace.
func tracingOf(t *testing.T, text, name string) string {
	t.Helper()
	_, text, found := strings.Cut(text, "\n## Traces that begin at the gateway\n")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "\n## ")
	_, text, found = strings.Cut(text, "\n- **"+name+"**")
	require.True(t, found, name)
	text, _, _ = strings.Cut(text, "\n- **")
	_, text, _ = strings.Cut(text, "  ```\n")
	lines, _, _ := strings.Cut(text, "  ```\n")
	return lines
}
