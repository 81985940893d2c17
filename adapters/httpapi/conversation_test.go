package httpapi

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
)

// script is a connection that brings prepared bytes from an address of choice
// and keeps what comes back.
type script struct {
	in   *bytes.Reader
	out  bytes.Buffer
	peer net.Addr
}

func (s *script) Read(p []byte) (int, error)       { return s.in.Read(p) }
func (s *script) Write(p []byte) (int, error)      { return s.out.Write(p) }
func (s *script) Close() error                     { return nil }
func (s *script) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8000} }
func (s *script) RemoteAddr() net.Addr             { return s.peer }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// from sends the text of one request from an address and returns the answer.
func (s *Server) from(t *testing.T, peer, text string) answer {
	t.Helper()
	conn := &script{in: bytes.NewReader([]byte(text)), peer: &net.TCPAddr{IP: net.ParseIP(peer), Port: 40000}}
	_ = s.http.ServeConn(&lingeringConn{Conn: conn, framing: newFraming()}) // what it says of the connection, the answer says too
	resp, err := http.ReadResponse(bufio.NewReader(&conn.out), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return answer{Response: resp, body: string(body)}
}

// silent is a server without a listener and a log.
func silent(tb testing.TB, config Config, useCases ports.UseCases) *Server {
	tb.Helper()
	config.Logger = slog.New(slog.DiscardHandler)
	server, err := New(config, useCases)
	require.NoError(tb, err)
	return server
}
