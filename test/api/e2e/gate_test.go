package e2e

import (
	"context"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// gate is a loopback port that closes every connection at once until it is
// opened. Then it leads to another address.
type gate struct {
	port int
	to   atomic.Pointer[string]
}

func newGate(t testing.TB) *gate {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	g := &gate{}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	g.port, err = strconv.Atoi(port)
	require.NoError(t, err)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			go g.pass(conn)
		}
	}()
	return g
}

func (g *gate) open(address string) { g.to.Store(&address) }

func (g *gate) pass(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	address := g.to.Load()
	if address == nil {
		return
	}
	behind, err := new(net.Dialer).DialContext(context.Background(), "tcp", *address)
	if err != nil {
		return
	}
	defer func() { _ = behind.Close() }()
	go func() {
		_, _ = io.Copy(behind, conn)
		_ = behind.Close()
	}()
	_, _ = io.Copy(conn, behind)
}
