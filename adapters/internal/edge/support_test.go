package edge

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bench is an engine with a few routes, and its log.
type bench struct {
	*testing.T
	engine *Engine
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

type correlatedKey struct{}

func testConfig() Config {
	return Config{
		Namespace:      "test",
		BasePath:       "/api",
		RequestTimeout: 5 * time.Second,
		Refuse:         refuseInText,
		Correlate: func(ctx context.Context, id string) context.Context {
			return context.WithValue(ctx, correlatedKey{}, id)
		},
		Logger: slog.New(slog.DiscardHandler),
	}
}

// refuseInText answers a refusal with its status and its text.
func refuseInText(x *Exchange, err error) {
	x.ResetBody()
	x.SetStatus(http.StatusInternalServerError)
	if refusal := (*Refusal)(nil); errors.As(err, &refusal) {
		x.SetStatus(refusal.Status)
	}
	x.SetContentType("text/plain")
	_, _ = io.WriteString(x, err.Error())
}

// newEngine builds an engine with the routes that the tests ask for.
func newEngine(tb testing.TB, config Config) *Engine {
	tb.Helper()
	engine, err := New(config)
	require.NoError(tb, err)
	engine.Get("/api/public", func(x *Exchange) { _, _ = io.WriteString(x, "public") })
	engine.Handle(http.MethodPost, "/api/echo", func(x *Exchange) { x.SetBody(x.Body()) })
	engine.Handle(http.MethodDelete, "/api/things/{id}", func(x *Exchange) { _, _ = io.WriteString(x, x.Param("id")) })
	engine.Get("/api/client", func(x *Exchange) { _, _ = io.WriteString(x, x.ClientIP()) })
	return engine
}

// unstarted is an engine that nothing reaches yet.
func unstarted(t *testing.T, config Config) *bench {
	t.Helper()
	b := &bench{T: t, logs: &logBuffer{}}
	config.Logger = slog.New(slog.NewJSONHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	b.engine = newEngine(t, config)
	t.Cleanup(func() {
		if b.client != nil {
			b.client.CloseIdleConnections()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, b.engine.Shutdown(ctx))
	})
	return b
}

func start(t *testing.T, config Config) *bench {
	t.Helper()
	b := unstarted(t, config)
	b.client = b.engine.Client()
	return b
}

// answer is a response that was read to its end.
type answer struct {
	*http.Response
	body string
}

func (b *bench) do(method, path string, header http.Header) answer {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, "http://www.example.com"+path, http.NoBody)
	require.NoError(b, err)
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := b.client.Do(req)
	require.NoError(b, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	return answer{Response: resp, body: string(text)}
}

func (b *bench) get(path string) answer {
	b.Helper()
	return b.do(http.MethodGet, path, nil)
}

// address is where the engine listens on a loopback port, from the first call on.
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
	go func() { _ = b.engine.Serve(ln) }()
	return ln.Addr().String()
}

// isRefused asserts that an answer is a refusal by the engine, with the headers of
// every answer.
func isRefused(t *testing.T, a answer, refusal *Refusal) {
	t.Helper()
	assert.Equal(t, refusal.Status, a.StatusCode, a.body)
	assert.Equal(t, refusal.Error(), a.body)
	hasHeaders(t, a)
}

// hasHeaders asserts that an answer has the headers of every answer.
func hasHeaders(t *testing.T, a answer) {
	t.Helper()
	assert.Regexp(t, goodIDForm, a.Header.Get("X-Request-Id"))
	assert.Equal(t, "no-store", a.Header.Get("Cache-Control"))
	assert.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
	assert.Equal(t, "no-referrer", a.Header.Get("Referrer-Policy"))
	assert.Equal(t, contentPolicy, a.Header.Get("Content-Security-Policy"))
	assert.Empty(t, a.Header.Get("Server"))
	assert.Empty(t, a.Header.Get("Location"))
}
