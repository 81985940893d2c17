package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// bench is a running server with its log, and a client that holds every answer
// against the OpenAPI document.
type bench struct {
	api.Client

	server *Server
	logs   *program.Output
	addr   string
}

func testConfig() Config {
	return Config{PublicURL: "http://auth.example.com"}
}

func start(t *testing.T, config Config, useCases ports.UseCases) *bench {
	t.Helper()
	logs := &program.Output{}
	if config.Logger == nil {
		config.Logger = slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	server, err := New(config, useCases)
	require.NoError(t, err)
	inProcess := server.Client()
	b := &bench{Client: api.New(t, "http://auth.example.com"), server: server, logs: logs}
	b.Transport = inProcess.Transport
	b.Check = func(request *http.Request, response *http.Response, _ []byte, a api.Answer) {
		assert.NoError(t, promises().Check(request, response, a.Body), a.What)
	}
	t.Cleanup(func() {
		inProcess.CloseIdleConnections()
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

// dial begins a conversation with the server.
func (b *bench) dial() *api.Conversation {
	b.Helper()
	return api.Dial(b.TB, b.address())
}

// get sends a GET to any path, with more header fields.
func (b *bench) get(path, token string, header http.Header) api.Answer {
	b.Helper()
	return b.Once(api.Request{Method: http.MethodGet, Path: path, Token: token, Header: header})
}

// post sends a POST to any path, with more header fields.
func (b *bench) post(path, token string, body any, header http.Header) api.Answer {
	b.Helper()
	return b.Once(api.Request{Method: http.MethodPost, Path: path, Token: token, Body: body, Header: header})
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

// address returns the address of a loopback port. The server listens there from
// the first call on.
func (b *bench) address() string {
	b.Helper()
	if b.addr != "" {
		return b.addr
	}
	ln, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	require.NoError(b, err)
	go func() { _ = b.server.Serve(ln) }()
	b.addr = ln.Addr().String()
	return b.addr
}

// nothingRuns is the Content-Security-Policy of every answer that is not a page.
const nothingRuns = "default-src 'none'; frame-ancestors 'none'"

// isProblem asserts that an answer is a complete problem of the code.
func isProblem(t *testing.T, a api.Answer, status int, code string) {
	t.Helper()
	a.Whole().Refused(status, code)
	assert.Equal(t, "no-store", a.Header.Get("Cache-Control"))
	assert.Equal(t, nothingRuns, a.Header.Get("Content-Security-Policy"))
}
