package edge

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	host = "Host: www.example.com\r\n"
	post = "POST /api/echo HTTP/1.1\r\n" + host + "Content-Type: application/json\r\n"
	get  = "GET /api/public HTTP/1.1\r\n" + host
)

// raw is an HTTP conversation by hand.
type raw struct {
	*testing.T
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, addr string) *raw {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	return &raw{T: t, Conn: conn, in: bufio.NewReader(conn)}
}

// send writes text; the engine may well close before it has read all.
func (r *raw) send(text string) { _, _ = io.WriteString(r.Conn, text) }

func (r *raw) receive() answer {
	r.Helper()
	resp, err := http.ReadResponse(r.in, nil)
	require.NoError(r, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(r, err)
	_ = resp.Body.Close()
	return answer{Response: resp, body: string(body)}
}

// ends asserts that nothing follows but the end of the connection.
func (r *raw) ends() {
	r.Helper()
	_, err := r.in.ReadByte()
	assert.Error(r, err, "something followed the last answer")
	assert.NotErrorIs(r, err, os.ErrDeadlineExceeded, "the connection stayed open")
}

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
func (e *Engine) from(t *testing.T, peer, text string) answer {
	t.Helper()
	conn := &script{in: bytes.NewReader([]byte(text)), peer: &net.TCPAddr{IP: net.ParseIP(peer), Port: 40000}}
	_ = e.http.ServeConn(&lingeringConn{Conn: conn, framing: newFraming()}) // the answer shows what became of the connection
	resp, err := http.ReadResponse(bufio.NewReader(&conn.out), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return answer{Response: resp, body: string(body)}
}
