package edge

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Connections that are not accepted yet are counted, and quieten waits for them.
func TestQuieten_WaitsUntilAllAreAccepted(t *testing.T) {
	t.Parallel()
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = ln.Close() }()
	const clients = 3
	for range clients {
		conn, err := net.Dial("tcp", ln.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
	}
	require.Eventually(t, func() bool { return waiting(ln) == clients }, 10*time.Second, time.Millisecond)

	l := &listeners{}
	require.True(t, l.add(ln))
	quiet := make(chan struct{})
	go func() {
		l.quieten(t.Context())
		close(quiet)
	}()
	for left := clients; left > 0; left-- {
		select {
		case <-quiet:
			t.Fatalf("closed with %d left", left)
		case <-time.After(3 * quietTime):
		}
		conn, err := ln.Accept()
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		assert.Equal(t, left-1, waiting(ln))
	}
	<-quiet
}
