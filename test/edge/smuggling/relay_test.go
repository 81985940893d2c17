package smuggling

import (
	"bytes"
	"io"
	"net"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// relay passes connections on to the service unchanged, and keeps the bytes sent over
// each. They show which clients of a gateway share a connection.
type relay struct {
	addr string

	mu   sync.Mutex
	sent []*bytes.Buffer
}

// startRelay runs a relay to the service until the test ends.
func startRelay(t *testing.T, service string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{addr: listener.Addr().String()}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { r.pass(client, service) })
		}
	})
	return r
}

// pass passes one connection on, until either side ends it.
func (r *relay) pass(client net.Conn, service string) {
	defer func() { _ = client.Close() }()
	upstream, err := net.Dial("tcp", service)
	if err != nil {
		return
	}
	defer func() { _ = upstream.Close() }()
	sent := &bytes.Buffer{}
	r.mu.Lock()
	r.sent = append(r.sent, sent)
	r.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(client, upstream)
		_ = client.Close()
	}()
	_, _ = io.Copy(recorder{upstream, sent, r}, client)
	if half, ok := upstream.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	<-done
}

// recorder writes, and keeps the written bytes.
type recorder struct {
	io.Writer
	kept *bytes.Buffer
	r    *relay
}

func (w recorder) Write(p []byte) (int, error) {
	w.r.mu.Lock()
	w.kept.Write(p)
	w.r.mu.Unlock()
	return w.Writer.Write(p)
}

var (
	attackMark = regexp.MustCompile(`attack-\d+`)
	victimMark = regexp.MustCompile(`(victim-\d+)-(?:before|after)-\d+`)
)

// traffic counts the connections of a relay.
type traffic struct {
	// connections counts all connections, shared those with requests of several
	// victims, mixed those with requests of victims and attackers.
	connections, shared, mixed int
	// attacks counts the payloads that passed, asked the requests of victims.
	attacks, asked int
}

func (r *relay) traffic() traffic {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := traffic{connections: len(r.sent)}
	for _, sent := range r.sent {
		attacks := len(attackMark.FindAll(sent.Bytes(), -1))
		victims := map[string]bool{}
		asked := victimMark.FindAllSubmatch(sent.Bytes(), -1)
		for _, mark := range asked {
			victims[string(mark[1])] = true
		}
		seen.attacks += attacks
		seen.asked += len(asked)
		if len(victims) > 1 {
			seen.shared++
		}
		if attacks > 0 && len(victims) > 0 {
			seen.mixed++
		}
	}
	return seen
}
