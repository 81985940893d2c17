package gateway

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// service is an upstream that counts its connections and returns the request it
// got.
func service(t *testing.T) (addr string, connections func() int) {
	t.Helper()
	var mu sync.Mutex
	peers := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		peers[r.RemoteAddr] = true
		mu.Unlock()
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		seen := []string{r.Method, r.RequestURI, r.Host, r.Header.Get("X-Forwarded-For"), string(body)}
		_, _ = io.WriteString(w, strings.Join(seen, " ")) //nolint:gosec // no browser reads it
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(peers)
	}
}

// send sends a request over its own connection.
func send(t *testing.T, g *Gateway, host, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+"//a/./b?c=%2F", strings.NewReader(body))
	require.NoError(t, err)
	request.Host, request.Close = host, true
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(content)
}

func TestGateways_PassRequestsOnOverSharedConnections(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			addr, connections := service(t)
			g := kind.Start(t, addr)
			for range 20 {
				assert.Equal(t, "POST //a/./b?c=%2F api.example.com 127.0.0.1 hello", send(t, g, "api.example.com", "hello"))
			}
			assert.Equal(t, 1, connections(), "several clients share one connection")
		})
	}
}

func TestGateways_UseAllUpstreams(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			first, firstConnections := service(t)
			second, secondConnections := service(t)
			g := kind.Start(t, first, second)
			for range 20 {
				send(t, g, "api.example.com", "")
			}
			assert.Positive(t, firstConnections())
			assert.Positive(t, secondConnections())
		})
	}
}

func TestGateways_EndWithTheTest(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			addr, _ := service(t)
			var g *Gateway
			t.Run("a test", func(t *testing.T) { g = kind.Start(t, addr) })
			_, err := new(net.Dialer).DialContext(t.Context(), "tcp", g.Addr)
			assert.Error(t, err)
		})
	}
}

func TestGateways_MissingProgramNamesItsInstallation(t *testing.T) {
	t.Parallel()
	kind := NGINX()
	kind.program = "no-such-gateway"
	_, err := kind.find(t.TempDir())
	assert.EqualError(t, err, "nginx is not installed: apt-get install --no-install-recommends nginx-light")
}
