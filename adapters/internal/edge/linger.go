package edge

import (
	"io"
	"net"
	"sync/atomic"
	"time"
)

// How long and how much is read of a request that was refused before its end.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 1 << 20
)

// lingeringListener hands out connections that can be closed gently and bring
// requests only whose end is certain.
type lingeringListener struct{ net.Listener }

// Accept waits for the next connection.
func (l lingeringListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err // fasthttp looks at the text of net's own error
	}
	return &lingeringConn{Conn: conn, framing: newFraming()}, nil
}

// lingeringConn is a connection whose client may still be sending when the
// answer is out. Closing it at once would reset it, and the reset would reach
// the client before the answer does (RFC 9112 section 9.6).
type lingeringConn struct {
	net.Conn
	lingers atomic.Bool

	framing   *framing
	ambiguous bool
}

// Read reads what the client sent. From the byte on that makes the end of its
// request uncertain, all that follows is errAmbiguous.
func (c *lingeringConn) Read(p []byte) (int, error) {
	if c.ambiguous {
		return 0, errAmbiguous
	}
	n, err := c.Conn.Read(p)
	n, certain := c.framing.follow(p[:n])
	if !certain {
		c.ambiguous = true
		return n, nil
	}
	return n, err
}

// linger makes a connection be closed gently.
func linger(conn net.Conn) {
	if c, ok := conn.(*lingeringConn); ok {
		c.lingers.Store(true)
	}
}

// Close closes the connection, after a while if it is to linger.
func (c *lingeringConn) Close() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && c.lingers.Swap(false) {
		if half.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
			_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes) // whatever ends it, it is over
		}
	}
	return c.Conn.Close()
}
