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
	problems := problemsOf(t, configtest.Production(endpoint, "collector:4318", traces, "http://user:endpoint-canary@collector",
		"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "OTEL_TRACES_EXPORTER", "zipkin"))
	for variable, says := range map[string]string{
		endpoint: "must be a URL", traces: "must not contain credentials", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc or http/protobuf", "OTEL_TRACES_EXPORTER": "otlp or none",
	} {
		assert.Contains(t, problems[variable], says)
		assert.NotContains(t, problems[variable], "canary")
	}
	for _, parameters := range []string{"?api-key=endpoint-canary", "#endpoint-canary", "?"} {
		problems := problemsOf(t, configtest.Production(endpoint, "https://collector:4318"+parameters))
		assert.Contains(t, problems[endpoint], "must not have a query", parameters)
		assert.NotContains(t, problems[endpoint], "canary")
	}
}
