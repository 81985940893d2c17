package httpapi

import (
	"log/slog"
	"testing"

	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// What tracing costs a request that does next to nothing: off, and on with a provider
// whose spans go nowhere.
func BenchmarkServe_Tracing(b *testing.B) {
	for name, provider := range map[string]trace.TracerProvider{"off": nil, "on": noop.NewTracerProvider()} {
		b.Run(name, func(b *testing.B) {
			config := testConfig()
			config.Tracing, config.Logger = provider, slog.New(slog.DiscardHandler)
			server, err := New(config, goodUseCases())
			if err != nil {
				b.Fatal(err)
			}
			fctx := &fasthttp.RequestCtx{}
			b.ReportAllocs()
			for b.Loop() {
				fctx.Request.Reset()
				fctx.Response.Reset()
				fctx.Request.SetRequestURI("/api/auth/test/public")
				fctx.Request.Header.SetHost("auth.example.com")
				server.serve(fctx)
			}
		})
	}
}
