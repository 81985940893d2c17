package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
)

// maxAnswers bounds the server's answers during one delivery, in bytes. It is
// enough for any certificate chain and keeps an endless line from filling the
// memory.
const maxAnswers = 256 << 10

// errTalkative reports a server that sent more than maxAnswers.
var errTalkative = errors.New("smtp: the server sent too much")

// line is the connection of one delivery.
type line struct {
	// address is where to connect: host and port.
	address  string
	tls      *tls.Config
	implicit bool

	mu     sync.Mutex
	conn   net.Conn
	closed bool
	// heard is true once the server has sent anything.
	heard bool
}

// dial opens the connection. With ImplicitTLS the connection is a TLS connection. It
// ignores go-mail's own text of the address, which is wrong for IPv6.
func (l *line) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, network, l.address)
	if err != nil {
		return nil, err
	}
	if !l.open(raw) {
		return nil, net.ErrClosed
	}
	bounded := &boundedConn{Conn: raw, left: maxAnswers, onRead: l.hear}
	if !l.implicit {
		return bounded, nil
	}
	secure := tls.Client(bounded, l.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secure, nil
}

// open takes the connection; it returns false if the delivery is already over.
func (l *line) open(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = conn.Close()
		return false
	}
	l.conn = conn
	return true
}

func (l *line) hear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = true
}

// silent reports whether there is a connection over which the server has sent nothing.
func (l *line) silent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn != nil && !l.heard
}

// close ends the delivery. It closes the current connection and any later one.
func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// boundedConn fails once more than left bytes have been read. It calls onRead when
// bytes arrive.
type boundedConn struct {
	net.Conn
	left   int
	onRead func()
}

func (c *boundedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTalkative
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	if n > 0 {
		c.onRead()
	}
	return n, err
}
