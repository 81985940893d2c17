package httpapi

import (
	"net"
	"sync"
)

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
