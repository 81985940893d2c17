package httpapi

import (
	"bytes"
	"io"
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
// connection: for an operation that does next to nothing, without tracing and with
// spans that are dropped, and for one that authenticates.
func BenchmarkServe(b *testing.B) {
	const me = "GET /api/auth/me HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\n\r\n"
	for name, tc := range map[string]struct {
		text     string
		provider trace.TracerProvider
	}{
		"public":        {get + "\r\n", nil},
		"public traced": {get + "\r\n", noop.NewTracerProvider()},
		"me":            {me, nil},
	} {
		b.Run(name, func(b *testing.B) {
			config := testConfig()
			config.Tracing = tc.provider
			server := silent(b, config, goodUseCases())
			b.ReportAllocs()
			b.ResetTimer()
			out := server.play("198.51.100.9", &repeated{text: tc.text, left: b.N})
			b.StopTimer()
			require.Equal(b, b.N, bytes.Count(out.Bytes(), []byte("HTTP/1.1 200 OK")))
		})
	}
}
