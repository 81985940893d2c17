package edge

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A client that gets a connection during a shutdown gets an answer over it. A gateway
// that does not check health goes on connecting until it is refused, and must not
// repeat a POST that it has sent.
func TestShutdown_AnswersEveryConnectionMade(t *testing.T) {
	t.Parallel()
	const rounds, clients = 20, 16
	var lost []string
	answered := 0
	for range rounds {
		b := unstarted(t, testConfig())
		ln, err := Listen(t.Context(), "127.0.0.1:0")
		require.NoError(t, err)
		served := make(chan error, 1)
		go func() { served <- b.engine.Serve(ln) }()
		var mu sync.Mutex
		var wg sync.WaitGroup
		var stopping atomic.Bool
		begun := make(chan struct{}, clients)
		for range clients {
			wg.Go(func() {
				for n := 0; ; {
					conn, err := net.DialTimeout("tcp", ln.Addr().String(), 200*time.Millisecond)
					switch {
					case err != nil && stopping.Load():
						return // refused, or overlooked: nothing was sent
					case err != nil: // the machine is busy
						continue
					}
					err = askOnce(conn)
					mu.Lock()
					if answered++; err != nil {
						lost = append(lost, err.Error())
					}
					mu.Unlock()
					if n++; n == 5 {
						begun <- struct{}{}
					}
				}
			})
		}
		for range clients {
			<-begun
		}
		stopping.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		assert.NoError(t, b.engine.Shutdown(ctx))
		cancel()
		wg.Wait()
		assert.NoError(t, <-served)
	}
	t.Logf("%d requests", answered)
	assert.Empty(t, lost, "requests lost of %d", answered)
}

// askOnce sends a request over a connection that was made, and reads the answer.
func askOnce(conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\n"+host+"Connection: close\r\n\r\n"); err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	_, err = io.ReadAll(response.Body)
	_ = response.Body.Close()
	return err
}
