package tracing

import (
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// span is a received span with the resource it came from.
type span struct {
	*wire.Span
	resource map[string]string
}

func (s span) trace() string  { return hex.EncodeToString(s.GetTraceId()) }
func (s span) id() string     { return hex.EncodeToString(s.GetSpanId()) }
func (s span) parent() string { return hex.EncodeToString(s.GetParentSpanId()) }

// attribute returns an attribute as text, or "".
func (s span) attribute(key string) string { return texts(s.GetAttributes())[key] }

func texts(attributes []*common.KeyValue) map[string]string {
	m := map[string]string{}
	for _, a := range attributes {
		m[a.GetKey()] = strings.Trim(protojson.Format(a.GetValue()), "{}")
		if v, ok := a.GetValue().GetValue().(*common.AnyValue_StringValue); ok {
			m[a.GetKey()] = v.StringValue
		}
	}
	return m
}

// receiver is a collector that keeps the received spans.
type receiver struct {
	collector.UnimplementedTraceServiceServer

	mu      sync.Mutex
	spans   []span
	text    strings.Builder // everything received, as JSON
	headers []string
	// url is the address of the receiver.
	url string
}

// Export implements the service of OTLP over gRPC.
func (r *receiver) Export(_ context.Context, in *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.WriteString(protojson.Format(in))
	for _, from := range in.GetResourceSpans() {
		for _, scope := range from.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				r.spans = append(r.spans, span{s, texts(from.GetResource().GetAttributes())})
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

// ServeHTTP implements the service of OTLP over HTTP.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	in := &collector.ExportTraceServiceRequest{}
	if err != nil || req.URL.Path != "/v1/traces" || req.Header.Get("Content-Type") != "application/x-protobuf" || proto.Unmarshal(body, in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	r.headers = append(r.headers, req.Header.Get("Authorization"))
	r.mu.Unlock()
	_, _ = r.Export(req.Context(), in)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// all returns the spans received so far.
func (r *receiver) all() []span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]span(nil), r.spans...)
}

// everything returns everything received, as text.
func (r *receiver) everything() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// receive starts a receiver for a protocol.
func receive(t testing.TB, protocol string) *receiver {
	t.Helper()
	listener := listen(t)
	r := &receiver{url: "http://" + listener.Addr().String()}
	if protocol == "grpc" {
		server := grpc.NewServer()
		collector.RegisterTraceServiceServer(server, r)
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(server.Stop)
		return r
	}
	server := &http.Server{Handler: r, ReadHeaderTimeout: program.Patience}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return r
}

// mute starts a collector that accepts connections and never answers. count returns
// the number of accepted connections.
func mute(t testing.TB) (url string, count func() int) {
	t.Helper()
	listener := listen(t)
	var mu sync.Mutex
	taken := 0
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			taken++
			mu.Unlock()
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	return "http://" + listener.Addr().String(), func() int { mu.Lock(); defer mu.Unlock(); return taken }
}
