package failover

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// relay passes TCP connections on to a server until it is frozen. Then it acts like a
// hanging host: it keeps its connections, accepts new ones and never answers.
type relay struct {
	listener net.Listener
	target   string
	frozen   chan struct{}

	mu    sync.Mutex // guards conns
	conns []net.Conn
}

// newRelay starts a relay for a server. It ends with the test.
func newRelay(t testing.TB, target string) *relay {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{listener: listener, target: target, frozen: make(chan struct{})}
	go r.accept()
	t.Cleanup(func() {
		_ = listener.Close()
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, c := range r.conns {
			_ = c.Close()
		}
	})
	return r
}

// address returns the address of the relay.
func (r *relay) address() string { return r.listener.Addr().String() }

// freeze stops all its connections permanently.
func (r *relay) freeze() { close(r.frozen) }

func (r *relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.keep(client)
		select {
		case <-r.frozen:
			continue
		default:
		}
		server, err := new(net.Dialer).DialContext(context.Background(), "tcp", r.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.keep(server)
		go r.pass(client, server)
		go r.pass(server, client)
	}
}

func (r *relay) keep(c net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns = append(r.conns, c)
}

// pass copies one way. When one side ends, it ends the other, unless the relay is frozen.
func (r *relay) pass(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-r.frozen:
			return
		default:
		}
		if n > 0 {
			if _, writeErr := to.Write(buffer[:n]); writeErr != nil {
				return
			}
		}
		if err != nil {
			if err == io.EOF { //nolint:errorlint // Read returns it bare
				_ = to.Close()
			}
			return
		}
	}
}
