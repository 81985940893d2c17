package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/tracing"
)

// Tracing is whether and how traces are sent. The SDK reads the other OTEL_* variables
// itself.
type Tracing struct {
	Endpoint       string `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	TracesEndpoint string `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"`
	Protocol       string `env:"OTEL_EXPORTER_OTLP_PROTOCOL" envDefault:"http/protobuf"`
	TracesProtocol string `env:"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"`
	Exporter       string `env:"OTEL_TRACES_EXPORTER" envDefault:"otlp"`
	Disabled       bool   `env:"OTEL_SDK_DISABLED" envDefault:"false"`
}

// The accepted values of OTEL_TRACES_EXPORTER.
const (
	exporterOTLP = "otlp"
	exporterNone = "none"
)

// On reports whether traces are sent.
func (t Tracing) On() bool {
	return (t.Endpoint != "" || t.TracesEndpoint != "") && t.Exporter != exporterNone && !t.Disabled
}

// EffectiveProtocol returns the protocol of traces, or else the one of all signals.
func (t Tracing) EffectiveProtocol() string {
	if t.TracesProtocol != "" {
		return t.TracesProtocol
	}
	return t.Protocol
}

func (c *Config) validateTracing(problems *Problems) {
	for _, e := range []struct{ variable, value string }{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", c.Tracing.Endpoint},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.Tracing.TracesEndpoint},
	} {
		if e.value == "" {
			continue
		}
		address, err := url.Parse(e.value)
		switch {
		case err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https":
			problems.add(e.variable, "must be a URL such as http://collector:4318 (http/protobuf) or http://collector:4317 (grpc)")
		case address.User != nil:
			problems.add(e.variable, "must not contain credentials: set them in OTEL_EXPORTER_OTLP_HEADERS")
		case strings.ContainsAny(e.value, "?#"): // operators may put keys there
			problems.add(e.variable, "must not have a query or a fragment: set keys in OTEL_EXPORTER_OTLP_HEADERS")
		}
	}
	for _, p := range []struct{ variable, value string }{
		{"OTEL_EXPORTER_OTLP_PROTOCOL", c.Tracing.Protocol},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", c.Tracing.TracesProtocol},
	} {
		if !slices.Contains([]string{"", tracing.GRPC, tracing.HTTP}, p.value) {
			problems.add(p.variable, "must be grpc or http/protobuf")
		}
	}
	if !slices.Contains([]string{exporterOTLP, exporterNone}, c.Tracing.Exporter) {
		problems.add("OTEL_TRACES_EXPORTER", "must be otlp or none")
	}
}
