package edge

import (
	"io"
	"net"
	"sync/atomic"
	"time"
)

// How long, and how many bytes, the server goes on reading of a request that it
// answered before its end.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 1 << 20 // of one that it refused
	// lingerIgnoredBytes is for bodies that nothing is wrong with.
	lingerIgnoredBytes = 32 << 20
)

// lingeringListener hands out connections that can be closed gently, and that bring
// only requests whose end is certain.
type lingeringListener struct{ net.Listener }

// Accept waits for the next connection.
func (l lingeringListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err // fasthttp reads the text of net's own error
	}
	return &lingeringConn{Conn: conn, framing: newFraming(), ahead: newAhead(conn)}, nil
}

// lingeringConn is a connection whose client may still be sending when the answer
// is out. To close it at once would reset it, and the client would get the reset
// before the answer (RFC 9112 section 9.6).
type lingeringConn struct {
	net.Conn
	lingers atomic.Int64 // bytes

	framing   *framing
	ahead     ahead
	ambiguous bool
}

// Read reads the bytes of the client. After a byte that makes the end of its request
// uncertain, it returns errAmbiguous.
func (c *lingeringConn) Read(p []byte) (int, error) {
	if c.ambiguous {
		return 0, errAmbiguous
	}
	n, err := c.read(p)
	n, certain := c.framing.follow(p[:n])
	if !certain {
		c.ambiguous = true
		return n, nil
	}
	return n, err
}

// read reads what was read ahead, else from the connection. A read of a single byte waits
// for a request.
func (c *lingeringConn) read(p []byte) (int, error) {
	if n := c.ahead.take(p); n > 0 {
		return n, nil
	}
	if len(p) == 1 {
		if err := c.ahead.fill(); err != nil {
			return 0, err
		}
		if n := c.ahead.take(p); n > 0 {
			return n, nil
		}
	}
	return c.Conn.Read(p)
}

// linger makes Close of a connection wait for the client, for at most so many bytes.
func linger(conn net.Conn, most int64) {
	if c, ok := conn.(*lingeringConn); ok {
		c.lingers.Store(most)
	}
}

// Close closes the connection. If linger was called, it first ends the answer and
// reads on for a while.
func (c *lingeringConn) Close() error {
	most := c.lingers.Swap(0)
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && most > 0 {
		if half.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
			_, _ = io.CopyN(io.Discard, c.Conn, most) // the connection ends in any case
		}
	}
	return c.Conn.Close()
}
