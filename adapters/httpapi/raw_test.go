package httpapi

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	host = "Host: auth.example.com\r\n"
	post = "POST /api/auth/login HTTP/1.1\r\n" + host + "Content-Type: application/json\r\n"
	get  = "GET /api/auth/test/public HTTP/1.1\r\n" + host
)

// nothingRuns is the Content-Security-Policy of every answer that is not a page.
const nothingRuns = "default-src 'none'; frame-ancestors 'none'"

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

// send writes text; the server may well close before it has read all.
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

// isProblem asserts that an answer is a complete problem of the code.
func isProblem(t *testing.T, a answer, status int, code string) {
	t.Helper()
	assert.Equal(t, status, a.StatusCode, a.body)
	assert.Equal(t, "application/problem+json", a.Header.Get("Content-Type"))
	var p problem
	require.NoError(t, json.Unmarshal([]byte(a.body), &p), a.body)
	assert.Equal(t, code, p.Code)
	assert.Equal(t, status, p.Status)
	assert.Equal(t, "urn:auth-service:error:"+code, p.Type)
	assert.NotEmpty(t, p.Title)
	assert.NotEmpty(t, p.Detail)
	assert.Equal(t, a.Header.Get("X-Request-Id"), p.RequestID)
	assert.NotEmpty(t, p.RequestID)
	assert.Equal(t, "no-store", a.Header.Get("Cache-Control"))
	assert.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
	assert.Equal(t, nothingRuns, a.Header.Get("Content-Security-Policy"))
	assert.Empty(t, a.Header.Get("Server"))
	assert.Equal(t, status == http.StatusUnauthorized, a.Header.Get("WWW-Authenticate") != "")
	if status == http.StatusServiceUnavailable {
		assert.NotEmpty(t, a.Header.Get("Retry-After"))
	}
}
