package badinput

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// Beginnings of requests by hand.
const (
	hostLine = "Host: auth.example.com\r\n"
	rawPost  = "POST /api/auth/login HTTP/1.1\r\n" + hostLine + "Content-Type: application/json\r\n"
	rawGet   = "GET /api/auth/test/public HTTP/1.1\r\n" + hostLine
)

// raw is an HTTP conversation by hand.
type raw struct {
	probe
	net.Conn
	in *bufio.Reader
}

func (p probe) dial() *raw {
	p.Helper()
	conn, err := new(net.Dialer).DialContext(p.Context(), "tcp", strings.TrimPrefix(p.process.URL, "http://"))
	require.NoError(p, err)
	p.Cleanup(func() { _ = conn.Close() })
	require.NoError(p, conn.SetDeadline(time.Now().Add(30*time.Second)))
	return &raw{probe: p, Conn: conn, in: bufio.NewReader(conn)}
}

// send writes text; the server may well close before it has read all.
func (r *raw) send(text string) { _, _ = io.WriteString(r.Conn, text) }

// receive reads an answer to a request of the method.
func (r *raw) receive(method, what string) api.Answer {
	r.Helper()
	resp, err := http.ReadResponse(r.in, &http.Request{Method: method})
	require.NoError(r, err, what)
	body, err := io.ReadAll(resp.Body)
	require.NoError(r, err, what)
	_ = resp.Body.Close()
	a := api.Received(r.TB, what, resp, body)
	r.judge(resp, a)
	return a
}

// exchange sends a request on a connection of its own and reads the answer.
func (p probe) exchange(what, text string) (*raw, api.Answer) {
	p.Helper()
	r := p.dial()
	go r.send(text) // the answer may come before everything is sent
	method, _, _ := strings.Cut(text, " ")
	a := r.receive(method, fmt.Sprintf("%s %.80q", what, text))
	return r, a
}

// ends asserts that the connection ends without more bytes.
func (r *raw) ends(what string) {
	r.Helper()
	_, err := r.in.ReadByte()
	assert.Error(r, err, "something followed the last answer: %s", what)
	assert.NotErrorIs(r, err, os.ErrDeadlineExceeded, "the connection stayed open: %s", what)
}

// bearer is a header line with a token.
func bearer(token string) string { return "Authorization: Bearer " + token + "\r\n" }
