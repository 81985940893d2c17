package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

func TestLoad_TracesOnlyWhereAskedTo(t *testing.T) {
	t.Parallel()
	const endpoint, traces = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	for _, c := range []struct {
		pairs []string
		on    bool
	}{
		{nil, false},
		{[]string{endpoint, "http://collector:4318"}, true},
		{[]string{traces, "https://collector/v1/traces", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"}, true},
		{[]string{endpoint, "http://collector:4318", "OTEL_SDK_DISABLED", "true"}, false},
		{[]string{endpoint, "http://collector:4318", "OTEL_TRACES_EXPORTER", "none"}, false},
	} {
		cfg, err := Load(configtest.Production(c.pairs...))
		require.NoError(t, err, c.pairs)
		assert.Equal(t, c.on, cfg.Tracing.On(), c.pairs)
	}
	problems := problemsOf(t, configtest.Production(traces, "http://user:endpoint-canary@collector"))
	assert.Contains(t, problems[traces], "must not contain credentials")
	assert.NotContains(t, problems[traces], "canary")
	for _, parameters := range []string{"?api-key=endpoint-canary", "#endpoint-canary", "?"} {
		problems := problemsOf(t, configtest.Production(endpoint, "https://collector:4318"+parameters))
		assert.Contains(t, problems[endpoint], "must not have a query", parameters)
		assert.NotContains(t, problems[endpoint], "canary")
	}
}

// F-R8: the specification asks to warn of values that are not understood, and to go on as
// if they were not set.
func TestLoad_GoesOnWithTracingValuesOfOthers(t *testing.T) {
	t.Parallel()
	const endpoint, protocol, exporter, disabled = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"
	const collector = "http://collector:4318"
	for _, c := range []struct {
		pairs    []string
		warns    string
		on       bool
		protocol string
	}{
		{[]string{endpoint, collector, exporter, "console"}, exporter, true, "http/protobuf"},
		{[]string{endpoint, collector, exporter, "otlp,zipkin"}, exporter, true, "http/protobuf"},
		{[]string{endpoint, collector, exporter, "none,console"}, exporter, true, "http/protobuf"},
		{[]string{endpoint, collector, protocol, "http/json"}, protocol, true, "http/protobuf"},
		{[]string{endpoint, collector, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json", protocol, "grpc"}, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", true, "grpc"},
		{[]string{endpoint, "collector:4317", protocol, "grpc"}, endpoint, false, "grpc"},
		{[]string{endpoint, "collector:4317", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector}, endpoint, true, "http/protobuf"},
		{[]string{endpoint, collector, disabled, "1"}, disabled, true, "http/protobuf"},
		{[]string{endpoint, collector, disabled, "TRUE"}, "", false, "http/protobuf"},
		{[]string{endpoint, collector, exporter, "otlp"}, "", true, "http/protobuf"},
	} {
		variables := configtest.Production(append(c.pairs, "TRUSTED_PROXIES", "10.0.0.0/8")...)
		cfg, err := Load(variables)
		require.NoError(t, err, c.pairs)
		assert.Equal(t, c.on, cfg.Tracing.On(), c.pairs)
		assert.Equal(t, c.protocol, cfg.Tracing.EffectiveProtocol(), c.pairs)
		warnings := warningsOf(variables)
		if c.warns == "" {
			assert.Empty(t, warnings, c.pairs)
		} else {
			assert.Len(t, warnings, 1, c.pairs)
			assert.NotEmpty(t, warnings[c.warns], c.pairs)
		}
	}
}
