package gateways

import (
	"bufio"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// The limits of body size and time are the service's: uploads, long answers and WebSockets of
// the application pass.
func leaveTheApplicationAlone(t *testing.T, s scene) {
	upload := withBody("POST", "/app/upload", strings.Repeat("x", 100<<10), s.user.bearer())
	assert.EqualValues(t, 100<<10, reached(t, s.g, upload).Body)
	assert.EqualValues(t, 100<<10, reached(t, s.g, withBody("POST", "/app/public/upload", strings.Repeat("x", 100<<10))).Body)
	assert.Equal(t, http.StatusUnauthorized, ask(t, s.g, withBody("POST", "/app/upload", strings.Repeat("x", 100<<10))).status)

	public, protected := openSocket(t, s.g, "/app/public/socket"), openSocket(t, s.g, "/app/socket", s.user.bearer())
	assert.Empty(t, public.role)
	assert.Equal(t, "user", protected.role)
	began := time.Now()
	assert.Equal(t, "/app/report", reached(t, s.g, request("GET", "/app/report", s.user.bearer())).URI)
	require.GreaterOrEqual(t, time.Since(began), slow)
	assert.Equal(t, "after a silence", public.echo(t, "after a silence"))
	assert.Equal(t, "after a silence", protected.echo(t, "after a silence"))

	fields := append(upgrade("websocket"), "X-Auth-Role: admin")
	assert.Equal(t, http.StatusUnauthorized, ask(t, s.g, request("GET", "/app/socket", fields...)).status, "a WebSocket needs a user, too")
	assert.Equal(t, http.StatusForbidden, ask(t, s.g, request("GET", "/app/admin/socket", append(fields, s.user.bearer())...)).status)
	// Another protocol would let the application answer requests that no rule has seen.
	got := reached(t, s.g, request("GET", "/app/orders", append(upgrade("h2c"), "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", s.user.bearer())...))
	assert.Empty(t, got.Header["Upgrade"])
}

// upgrade returns the fields that ask for another protocol.
func upgrade(protocol string) []string {
	return []string{"Connection: Upgrade", "Upgrade: " + protocol, "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}
}

// socket is a WebSocket through a gateway.
type socket struct {
	conn *tls.Conn
	in   *bufio.Reader
	role string
}

func openSocket(t *testing.T, g *gateway.Gateway, target string, fields ...string) socket {
	t.Helper()
	conn, err := tls.Dial("tcp", g.Addr, g.TLS)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(program.Patience)))
	_, err = io.WriteString(conn, request("GET", target, append(upgrade("websocket"), fields...)...))
	require.NoError(t, err)
	in := bufio.NewReader(conn)
	answer, err := http.ReadResponse(in, &http.Request{Method: http.MethodGet})
	require.NoError(t, err)
	_ = answer.Body.Close()
	require.Equal(t, http.StatusSwitchingProtocols, answer.StatusCode, target)
	return socket{conn, in, answer.Header.Get("X-Role")}
}

// echo sends a text and returns as much of what comes back.
func (s socket) echo(t *testing.T, text string) string {
	t.Helper()
	_, err := io.WriteString(s.conn, text)
	require.NoError(t, err)
	back := make([]byte, len(text))
	_, err = io.ReadFull(s.in, back)
	require.NoError(t, err)
	return string(back)
}
