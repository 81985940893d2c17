package gateways

import (
	"crypto/sha1" //nolint:gosec // RFC 6455 section 4.2.2
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
)

// seen is a request as the demo application got it.
type seen struct {
	URI    string
	Header http.Header
	// Body is the number of bytes of the request's body.
	Body int64
}

// slow is how long the application makes the report at /app/report. The service answers
// sooner, so the limits of time that hold for it would end the report.
const slow = 9 * time.Second

// startApp runs the application that gateways protect. It answers with the
// request it got.
func startApp(t *testing.T) (addr string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Demo-App", "reached")
		switch {
		case r.Header.Get("Upgrade") == "websocket":
			echo(w, r)
			return
		case r.URL.Path == "/app/report":
			time.Sleep(slow)
		}
		size, _ := io.Copy(io.Discard, r.Body)
		_ = json.NewEncoder(w).Encode(seen{r.RequestURI, r.Header, size}) //nolint:errchkjson // a client that is gone
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// echo makes the connection a WebSocket and sends back what comes, frame headers included.
func echo(w http.ResponseWriter, r *http.Request) {
	conn, in, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // RFC 6455 section 4.2.2
	_, err = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Role: %s\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		r.Header.Get("X-Auth-Role"), base64.StdEncoding.EncodeToString(sum[:]))
	if err == nil {
		_, _ = io.Copy(conn, in)
	}
}

// reached sends a request that must reach the application, and returns the
// request as the application got it.
func reached(t *testing.T, g *gateway.Gateway, text string) seen {
	t.Helper()
	a := ask(t, g, text)
	require.Equal(t, http.StatusOK, a.status, "%s\n%s", text, a.body)
	require.Equal(t, "reached", a.header.Get("X-Demo-App"))
	var s seen
	require.NoError(t, json.Unmarshal([]byte(a.body), &s), a.body)
	return s
}
