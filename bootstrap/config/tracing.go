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
	Disabled       string `env:"OTEL_SDK_DISABLED" envDefault:"false"`
}

// The accepted values of OTEL_TRACES_EXPORTER.
const (
	exporterOTLP = "otlp"
	exporterNone = "none"
)

// On reports whether traces are sent.
func (t Tracing) On() bool {
	return (t.Endpoint != "" || t.TracesEndpoint != "") && t.Exporter != exporterNone && t.Disabled != "true"
}

// EffectiveProtocol returns the protocol of traces, or else the one of all signals.
func (t Tracing) EffectiveProtocol() string {
	if t.TracesProtocol != "" {
		return t.TracesProtocol
	}
	return t.Protocol
}

// ignore replaces values that other software understands and this service does not, as
// if they were not set, and warns of each. The specification asks for that, because
// operators set these variables for many services at once
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
func (t *Tracing) ignore(warnings *Problems) {
	for _, e := range []struct {
		variable string
		value    *string
	}{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", &t.Endpoint}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &t.TracesEndpoint},
	} {
		address, err := url.Parse(*e.value)
		if *e.value != "" && (err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https") {
			warnings.add(e.variable, "is ignored: it must be a URL such as http://collector:4318 (http/protobuf) or http://collector:4317 (grpc)")
			*e.value = ""
		}
	}
	for _, p := range []struct {
		variable string
		value    *string
		standard string
	}{
		{"OTEL_EXPORTER_OTLP_PROTOCOL", &t.Protocol, tracing.HTTP}, {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", &t.TracesProtocol, ""},
	} {
		if !slices.Contains([]string{"", tracing.GRPC, tracing.HTTP}, *p.value) {
			warnings.add(p.variable, "is ignored: this service sends grpc or http/protobuf")
			*p.value = p.standard
		}
	}
	exporters := strings.FieldsFunc(t.Exporter, func(r rune) bool { return r == ',' || r == ' ' })
	if others := slices.DeleteFunc(slices.Clone(exporters), func(e string) bool { return e == exporterOTLP || e == exporterNone }); len(others) > 0 {
		warnings.add("OTEL_TRACES_EXPORTER", "names an exporter that this service does not have; it has otlp and none")
	}
	if t.Exporter = exporterOTLP; len(exporters) == 1 && exporters[0] == exporterNone {
		t.Exporter = exporterNone
	}
	if t.Disabled = strings.ToLower(strings.TrimSpace(t.Disabled)); t.Disabled != "true" && t.Disabled != "false" {
		warnings.add("OTEL_SDK_DISABLED", "counts as false: only true disables tracing")
		t.Disabled = "false"
	}
}

// validateTracing refuses what would put a secret into logs.
func (c *Config) validateTracing(problems *Problems) {
	for _, e := range []struct{ variable, value string }{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", c.Tracing.Endpoint},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.Tracing.TracesEndpoint},
	} {
		address, err := url.Parse(e.value)
		switch {
		case err != nil || e.value == "":
		case address.User != nil:
			problems.add(e.variable, "must not contain credentials: set them in OTEL_EXPORTER_OTLP_HEADERS")
		case strings.ContainsAny(e.value, "?#"): // operators may put keys there
			problems.add(e.variable, "must not have a query or a fragment: set keys in OTEL_EXPORTER_OTLP_HEADERS")
		}
	}
}
