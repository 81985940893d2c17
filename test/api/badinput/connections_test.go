package badinput

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// B-30: slow clients are dropped after the documented 10 seconds, and do not
// hinder other clients until then.
func slowClients(p probe) {
	const clients = 300
	slow := make([]raw, 0, clients)
	for i := range clients {
		r := p.dial()
		r.Send([]string{rawGet + "X-Note: a", rawPost + "Content-Length: 20\r\n\r\n{", "G", ""}[i%4])
		slow = append(slow, r)
	}
	started := time.Now()
	for range 20 {
		p.alive()
	}
	var done sync.WaitGroup
	for i, r := range slow {
		done.Go(func() {
			for j := 0; ; j++ { // a byte now and then does not help
				require.NoError(p, r.SetReadDeadline(time.Now().Add(3*time.Second)))
				if _, err := io.Copy(io.Discard, r.In); err == nil || !os.IsTimeout(err) {
					return // closed, or reset
				}
				if time.Since(started) > program.Patience {
					assert.Fail(p, "a slow client is still connected", "client %d after %d bytes", i, j)
					return
				}
				if i%4 < 2 {
					r.Send("a")
				}
			}
		})
	}
	done.Wait()
	p.slowReader()
}

// slowReader requests more than fits into the buffers and reads none of it.
func (p probe) slowReader() {
	p.Helper()
	r := p.dial()
	text := strings.Repeat("GET "+api.Prefix+"/openapi.json HTTP/1.1\r\n"+hostLine+"\r\n", 200)
	go r.Send(text)
	p.alive()
}

// descriptors is how many files and connections the program has open.
func (p probe) descriptors() int {
	p.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.process.PID()))
	require.NoError(p, err)
	return len(open)
}

// B-31: connections of every bad kind are closed. There are 800 idle ones, to
// stay within the usual limit of open files.
func idleConnections(p probe) {
	before := p.descriptors()
	idle := make([]net.Conn, 0, 800)
	for range cap(idle) {
		idle = append(idle, p.dial().Conn)
	}
	p.alive()
	for range 300 {
		_ = p.dial().Close()
	}
	for range 100 { // half open: our side has closed its direction
		r := p.dial()
		r.Send(rawGet + "\r\n")
		if half, ok := r.Conn.(*net.TCPConn); assert.True(p, ok) {
			require.NoError(p, half.CloseWrite())
		}
		r.Receive(http.MethodGet, "half open").Is(http.StatusOK)
		_ = r.Close()
	}
	for range 100 { // reset after the request
		r := p.dial()
		if tcp, ok := r.Conn.(*net.TCPConn); assert.True(p, ok) {
			require.NoError(p, tcp.SetLinger(0))
		}
		r.Send(rawGet + "\r\n")
		_ = r.Close()
	}
	p.alive()
	for _, conn := range idle {
		_ = conn.Close()
	}
	// Rows that run at the same time have connections too, but fewer.
	program.Eventually(p, "the connections are gone", func() bool { return p.descriptors() < before+400 })
}

func manyRequests(p probe) {
	r := p.dial()
	var text strings.Builder
	unknown := func(i int) string { return fmt.Sprintf("%s/%d", api.Prefix, i) }
	for i := range 200 { // refusals quote nothing of a request, so the order is told by what is found
		line := rawGet
		if i*i%7 == 2 {
			line = "GET " + unknown(i) + " HTTP/1.1\r\n" + hostLine
		}
		text.WriteString(line + "\r\n")
	}
	go r.Send(text.String())
	for i := range 200 {
		want := http.StatusOK
		if i*i%7 == 2 {
			want = http.StatusNotFound
		}
		r.Receive(http.MethodGet, "pipelined").Is(want)
	}
	for i := range 1000 { // good ones and bad ones on one connection
		token, want := bearer(p.user.access), http.StatusOK
		if i%3 == 1 {
			token, want = bearer(secret), http.StatusUnauthorized
		}
		r.Send("GET " + api.Prefix + "/me HTTP/1.1\r\n" + hostLine + token + "\r\n")
		a := r.Receive(http.MethodGet, "on one connection").Is(want)
		assert.Equal(p, want == http.StatusOK, strings.Contains(string(a.Body), p.user.email))
	}
}
