package httpapi

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
)

// bench is a running server and its log.
type bench struct {
	*testing.T
	server *Server
	client *http.Client
	logs   *logBuffer
	addr   string
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func testConfig() Config {
	return Config{PublicURL: "http://auth.example.com"}
}

func start(t *testing.T, config Config, useCases ports.UseCases) *bench {
	t.Helper()
	b := unstarted(t, config, useCases)
	b.client = b.server.Client()
	return b
}

// unstarted returns a server that has no client yet.
func unstarted(t *testing.T, config Config, useCases ports.UseCases) *bench {
	t.Helper()
	logs := &logBuffer{}
	if config.Logger == nil {
		config.Logger = slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	server, err := New(config, useCases)
	require.NoError(t, err)
	b := &bench{T: t, server: server, logs: logs}
	t.Cleanup(func() {
		if b.client != nil {
			b.client.CloseIdleConnections()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	return b
}

// started is a server whose use cases all succeed.
func started(t *testing.T) *bench {
	t.Helper()
	return start(t, testConfig(), goodUseCases())
}

// answer is a response that was read to its end.
type answer struct {
	*http.Response
	body string
}

// request describes a request; zero fields are left out.
type request struct {
	method, path, token, body string
	header                    http.Header
}

func (b *bench) do(r request) answer {
	b.Helper()
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(b.Context(), r.method, "http://auth.example.com"+r.path, body)
	require.NoError(b, err)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	resp, err := b.client.Do(req)
	require.NoError(b, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.NoError(b, promises().Check(req, resp, text))
	return answer{Response: resp, body: string(text)}
}

// promises checks each answer the tests see against the OpenAPI document.
var promises = sync.OnceValue(func() *openapicheck.Checker {
	server, err := New(testConfig(), goodUseCases())
	if err != nil {
		panic(err)
	}
	document, err := server.OpenAPI()
	if err != nil {
		panic(err)
	}
	checker, err := openapicheck.New(document)
	if err != nil {
		panic(err)
	}
	return checker
})

// address is where the server listens on a loopback port, from the first call on.
func (b *bench) address() string {
	b.Helper()
	if b.addr == "" {
		b.addr = b.listen()
	}
	return b.addr
}

// listen serves on a loopback port too and returns its address.
func (b *bench) listen() string {
	b.Helper()
	ln, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	require.NoError(b, err)
	go func() { _ = b.server.Serve(ln) }()
	return ln.Addr().String()
}
