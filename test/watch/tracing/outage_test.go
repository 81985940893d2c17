package tracing

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// A hanging or missing collector does not slow down requests or fill the log. The
// process still ends in time.
func TestTraces_ALostCollectorHarmsNothing(t *testing.T) {
	t.Parallel()
	hanging, connections := mute(t)
	gone := "http://" + func() string { l := listen(t); defer func() { _ = l.Close() }(); return l.Addr().String() }()
	for name, with := range map[string]struct{ url, protocol string }{
		"hanging, HTTP": {hanging, "http/protobuf"}, "hanging, gRPC": {hanging, "grpc"}, "gone, HTTP": {gone, "http/protobuf"}, "gone, gRPC": {gone, "grpc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := quick(program.Cheap().Unlimited(), with.url, with.protocol).
				With("OTEL_EXPORTER_OTLP_TIMEOUT", "200", "OTEL_BSP_EXPORT_TIMEOUT", "300", "OTEL_BSP_MAX_QUEUE_SIZE", "16", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16")
			p := program.StartLocal(t, t.TempDir(), env)
			told := func() int { return strings.Count(p.Stderr.String(), "traces cannot be exported") }
			for done := false; !done; done = told() > 0 {
				for range 20 {
					status := call(t, p, "/password/reset/request", nil, map[string]string{"email": "nobody@example.com"}).Status
					require.Equal(t, http.StatusAccepted, status)
				}
			}
			for range 100 {
				call(t, p, "/password/reset/request", nil, map[string]string{"email": "nobody@example.com"})
			}
			p.Stop(t)
			assert.Equal(t, 1, told(), "an outage is logged once")
		})
	}
	t.Cleanup(func() { assert.Positive(t, connections(), "the hanging collector was tried") })
}

// Without an endpoint, or with the SDK disabled, no export is tried.
func TestTraces_AreOffByDefault(t *testing.T) {
	t.Parallel()
	url, connections := mute(t)
	for name, pairs := range map[string][]string{
		"no endpoint":     {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
		"disabled":        {"OTEL_EXPORTER_OTLP_ENDPOINT", url, "OTEL_SDK_DISABLED", "true"},
		"no exporter":     {"OTEL_EXPORTER_OTLP_ENDPOINT", url, "OTEL_TRACES_EXPORTER", "none"},
		"metrics address": {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", url},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := program.StartLocal(t, t.TempDir(), program.Cheap().Unlimited().With("LOG_FORMAT", "json").With(pairs...))
			call(t, p, "/password/reset/request", http.Header{"X-Request-Id": {"untraced"}}, map[string]string{"email": "nobody@example.com"})
			program.Eventually(t, "the access log has the id of the request", func() bool { return hasLine(p, `"request"`, "untraced") })
			p.Stop(t)
			assert.NotContains(t, p.Stderr.String(), "trace_id")
			assert.Zero(t, connections())
		})
	}
}
