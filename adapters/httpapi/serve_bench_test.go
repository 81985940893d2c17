package httpapi

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// repeated is one request, sent again and again.
type repeated struct {
	text       string
	sent, left int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text[r.sent:])
	if r.sent += n; r.sent == len(r.text) {
		r.sent, r.left = 0, r.left-1
	}
	return n, nil
}

// BenchmarkServe measures the cost of a request in the engine and huma, on one
// connection, for use cases that cost nothing: for an operation that does next to nothing,
// without tracing and with spans that are dropped, and for the operations that a service
// is asked for most.
func BenchmarkServe(b *testing.B) {
	const (
		bearer  = "Authorization: Bearer " + userToken + "\r\n\r\n"
		refresh = `{"refresh_token":"a.refresh.token"}`
	)
	body := func(path, json string) string {
		return "POST /api/auth" + path + " HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(json)) + "\r\n\r\n" + json
	}
	for name, tc := range map[string]struct {
		text     string
		answer   string
		provider trace.TracerProvider
	}{
		"public":        {get + "\r\n", "200 OK", nil},
		"public traced": {get + "\r\n", "200 OK", noop.NewTracerProvider()},
		"me":            {"GET /api/auth/me HTTP/1.1\r\n" + host + bearer, "200 OK", nil},
		"forward-auth":  {"GET /api/auth/forward-auth HTTP/1.1\r\n" + host + bearer, "204 No Content", nil},
		"refresh":       {body("/refresh", refresh), "200 OK", nil},
		"login":         {body("/login", loginBody), "200 OK", nil},
	} {
		b.Run(name, func(b *testing.B) {
			config := testConfig()
			config.Tracing = tc.provider
			server := silent(b, config, goodUseCases())
			b.ReportAllocs()
			b.ResetTimer()
			out := server.play("198.51.100.9", &repeated{text: tc.text, left: b.N})
			b.StopTimer()
			require.Equal(b, b.N, bytes.Count(out.Bytes(), []byte("HTTP/1.1 "+tc.answer)))
		})
	}
}
