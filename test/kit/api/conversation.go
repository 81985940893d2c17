package api

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// conversationTime bounds a whole conversation.
const conversationTime = 30 * time.Second

// Conversation is a connection over which a test sends bytes of its choice. It ends
// with the test.
type Conversation struct {
	testing.TB
	net.Conn
	// In holds the bytes that came back and were not read yet.
	In *bufio.Reader
}

// Dial connects to an address, for example "127.0.0.1:8000".
func Dial(t testing.TB, address string) *Conversation {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(conversationTime)))
	return &Conversation{TB: t, Conn: conn, In: bufio.NewReader(conn)}
}

// Send writes text. The server may close the connection before it has read
// everything.
func (c *Conversation) Send(text string) { _, _ = io.WriteString(c.Conn, text) }

// Receive reads the answer to a request of a method; what describes the request. It
// stops the test if no whole answer came.
func (c *Conversation) Receive(method, what string) Answer {
	c.Helper()
	a, err := Read(c.TB, c.In, method, what)
	require.NoError(c, err, what)
	return a
}

// Read reads the answer to a request of a method; what describes the request.
// Errors: no whole answer came.
func Read(t testing.TB, in *bufio.Reader, method, what string) (Answer, error) {
	a := Answer{t: t, What: what}
	response, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		return a, err
	}
	defer func() { _ = response.Body.Close() }()
	a.Body, err = io.ReadAll(response.Body)
	a.read(response)
	return a, err
}

// Ends asserts that the connection ends without more bytes. what describes the
// last request.
func (c *Conversation) Ends(what string) {
	c.Helper()
	_, err := c.In.ReadByte()
	assert.Error(c, err, "something followed the last answer: %s", what)
	assert.NotErrorIs(c, err, os.ErrDeadlineExceeded, "the connection stayed open: %s", what)
}
