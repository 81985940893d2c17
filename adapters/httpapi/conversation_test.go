package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// Beginnings of requests.
const (
	host = "Host: auth.example.com\r\n"
	post = "POST /api/auth/login HTTP/1.1\r\n" + host + "Content-Type: application/json\r\n"
	get  = "GET /api/auth/test/public HTTP/1.1\r\n" + host
)

// script is a connection that brings prepared bytes from an address of choice
// and keeps what comes back.
type script struct {
	in     io.Reader
	out    bytes.Buffer
	peer   net.Addr
	closed chan struct{}
}

func (s *script) Read(p []byte) (int, error)       { return s.in.Read(p) }
func (s *script) Write(p []byte) (int, error)      { return s.out.Write(p) }
func (s *script) Close() error                     { close(s.closed); return nil }
func (s *script) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8000} }
func (s *script) RemoteAddr() net.Addr             { return s.peer }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// stage is a listener that hands out connections of the test.
type stage struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newStage() *stage { return &stage{conns: make(chan net.Conn), closed: make(chan struct{})} }

// Accept returns io.EOF after Close, as fasthttp expects of a listener that ends.
func (s *stage) Accept() (net.Conn, error) {
	select {
	case conn := <-s.conns:
		return conn, nil
	case <-s.closed:
		return nil, io.EOF
	}
}

func (s *stage) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *stage) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8000} }

// staged is a server that serves a stage.
type staged struct {
	*Server
	stage *stage
}

// silent is a server without a port and without a log.
func silent(tb testing.TB, config Config, useCases ports.UseCases) *staged {
	tb.Helper()
	config.Logger = slog.New(slog.DiscardHandler)
	server, err := New(config, useCases)
	require.NoError(tb, err)
	s := &staged{Server: server, stage: newStage()}
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.stage) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(tb, server.Shutdown(ctx))
		require.NoError(tb, <-served)
	})
	return s
}

// play has the server read in from an address until it closes the connection, and
// returns what it wrote.
func (s *staged) play(peer string, in io.Reader) *bytes.Buffer {
	conn := &script{in: in, peer: &net.TCPAddr{IP: net.ParseIP(peer), Port: 40000}, closed: make(chan struct{})}
	s.stage.conns <- conn
	<-conn.closed
	return &conn.out
}

// from sends the text of one request from an address and returns the answer.
func (s *staged) from(t *testing.T, peer, text string) api.Answer {
	t.Helper()
	method, _, _ := strings.Cut(text, " ")
	a, err := api.Read(t, bufio.NewReader(s.play(peer, strings.NewReader(text))), method, text)
	require.NoError(t, err)
	return a
}
