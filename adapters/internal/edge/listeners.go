package edge

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"
)

// quietTime is how long handshakes that have begun may take to finish. A process that
// gets no processor accepts what they brought later, and is asked that often.
const quietTime = 50 * time.Millisecond

// Listen listens on a TCP address, given as host:port, for Serve. It does so without
// Multipath TCP (RFC 8684), whose listeners cannot be told to ignore newcomers when
// the server shuts down. Errors: those of net.ListenConfig.Listen.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	return config.Listen(ctx, "tcp", addr)
}

// listeners are what the server listens on. fasthttp closes those it has begun
// to serve; a shutdown may come before that, and must not leave one open.
type listeners struct {
	mu     sync.Mutex
	open   []net.Listener
	closed bool
}

// add takes a listener in, unless the server has been shut down: then it is
// closed, and add reports false.
func (l *listeners) add(ln net.Listener) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = ln.Close() // nobody listens on it any more
		return false
	}
	l.open = append(l.open, ln)
	return true
}

// quieten lets no new connection come, and waits until those that are coming have
// been accepted. Closing a listener resets the connections that wait in its queue,
// although their clients take them for made and may have sent a request, which
// nobody may repeat if it changes something. Whoever is overlooked here has sent
// nothing, asks again a second later, and is refused.
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

// close closes all listeners, and those that are still to come.
func (l *listeners) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, ln := range l.open {
		_ = ln.Close() // most are closed already
	}
}

// isClosed tells whether the server has been shut down.
func (l *listeners) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}
