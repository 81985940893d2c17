package edge

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"
)

// quietTime is the time that begun handshakes have to finish, and the pause between
// two looks at their connections: a busy process accepts them late.
const quietTime = 50 * time.Millisecond

// Listen listens on a TCP address, given as host:port, for Serve. It turns off
// Multipath TCP (RFC 8684), because its listeners cannot ignore new connections when
// the engine shuts down. Errors: those of net.ListenConfig.Listen.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	return config.Listen(ctx, "tcp", addr)
}

// listeners are the listeners of the engine. fasthttp closes those that it serves. A
// shutdown may come before it serves one, and must not leave it open.
type listeners struct {
	mu     sync.Mutex
	open   []net.Listener
	closed bool
}

// add takes a listener in and returns true. After close it closes the listener
// instead and returns false.
func (l *listeners) add(ln net.Listener) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = ln.Close() // the engine serves it no more
		return false
	}
	l.open = append(l.open, ln)
	return true
}

// quieten stops new connections and waits until the process has accepted those that
// are already being made. To close a listener resets the connections in its queue,
// although their clients see them as open and may have sent a request, which gateways
// must not repeat if it changes something. A client whose handshake is ignored has
// sent nothing. It tries again a second later and is refused.
func (l *listeners) quieten(ctx context.Context) {
	l.mu.Lock()
	var quiet []net.Listener
	for _, ln := range l.open {
		if ignoreNew(ln) {
			quiet = append(quiet, ln)
		}
	}
	l.mu.Unlock()
	for again := len(quiet) > 0; again; again = slices.ContainsFunc(quiet, func(ln net.Listener) bool { return waiting(ln) > 0 }) {
		select {
		case <-time.After(quietTime):
		case <-ctx.Done():
			return
		}
	}
}

// close closes all listeners, and those that add gets later.
func (l *listeners) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, ln := range l.open {
		_ = ln.Close() // most are closed already
	}
}

// isClosed reports whether close was called.
func (l *listeners) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}
