package chart

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// stale names the remedy for an outdated generated file.
const stale = "run go test . -update in test/delivery/chart"

const schemaFile = chartDir + "/values.schema.json"

func schema(t testing.TB) map[string]any {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	var parsed map[string]any
	require.NoError(t, json.Unmarshal(text, &parsed))
	return parsed
}

// child returns the map at a path of nested maps.
func child(t testing.TB, m map[string]any, path ...string) map[string]any {
	t.Helper()
	for _, key := range path {
		next, ok := m[key].(map[string]any)
		require.True(t, ok, "%s is not an object", key)
		m = next
	}
	return m
}

func defaults(t testing.TB) map[string]any {
	t.Helper()
	text, err := os.ReadFile(chartDir + "/values.yaml")
	require.NoError(t, err)
	var parsed map[string]any
	require.NoError(t, yaml.UnmarshalStrict(text, &parsed))
	return parsed
}

func TestSchema_ConfigAndSecretsEqualTheServicesVariables(t *testing.T) {
	t.Parallel()
	got := schema(t)
	assert.Equal(t, configSchema(t), child(t, got, "properties", "config", "properties"), stale)
	assert.Equal(t, secretsSchema(t), child(t, got, "properties", "secrets", "properties"), stale)
}

// TestSchema_DescribesEveryValueAndAdmitsNoOther walks schema and values.yaml side by side.
func TestSchema_DescribesEveryValueAndAdmitsNoOther(t *testing.T) {
	t.Parallel()
	var walk func(path string, node map[string]any, value any)
	walk = func(path string, node map[string]any, value any) {
		assert.NotEmpty(t, node["description"], "%s has no description", path)
		properties, isObject := node["properties"].(map[string]any)
		if !isObject {
			return
		}
		assert.Equal(t, false, node["additionalProperties"], "%s admits unknown values", path)
		values, _ := value.(map[string]any)
		for name := range values {
			assert.Contains(t, properties, name, "values.yaml has %s.%s", path, name)
		}
		for name := range properties {
			_, set := values[name]
			assert.True(t, set || path == ".config" || path == "" && name == "global", "values.yaml lacks %s.%s", path, name)
			walk(path+"."+name, child(t, properties, name), values[name])
		}
	}
	walk("", schema(t), defaults(t))
}

// deliberate are the defaults of the chart that differ from the service's. values.yaml
// gives the reason for each.
var deliberate = map[string]bool{"SHUTDOWN_DELAY_SECONDS": true}

func TestDefaults_EqualTheServicesDefaults(t *testing.T) {
	t.Parallel()
	set := child(t, defaults(t), "config")
	for _, v := range variables(t) {
		value, has := set[v.name]
		if !has || value == "" {
			continue
		}
		same := fmt.Sprint(value) == v.fallback
		assert.Equal(t, !deliberate[v.name], same, "%s: the chart's default is %v, the service's %q", v.name, value, v.fallback)
	}
}
