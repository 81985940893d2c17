package chart

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const readmeFile = chartDir + "/README.md"

// tableStart and tableEnd enclose the table in the chart's README.
const tableStart, tableEnd = "<!-- values -->\n", "<!-- end of values -->\n"

func TestREADME_TableEqualsSchemaAndValues(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), tableStart)
	require.True(t, found)
	table, _, found := strings.Cut(rest, tableEnd)
	require.True(t, found)
	assert.Equal(t, valuesTable(t), table, stale)
}

// TestREADME_NamesEveryExample demands also that every other file that it names exists.
func TestREADME_NamesEveryExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	for name := range examples(t) {
		assert.Contains(t, string(text), "](examples/"+name+".yaml)")
	}
	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(string(text), -1) {
		assert.FileExists(t, chartDir+"/"+link[1])
	}
}

// valuesTable returns a table with a row for every value of values.yaml. config and
// secrets have one row each, because the service's README has their tables.
func valuesTable(t testing.TB) string {
	t.Helper()
	var out strings.Builder
	out.WriteString("| Value | Default | Meaning |\n|---|---|---|\n")
	var walk func(path string, node map[string]any, value any)
	walk = func(path string, node map[string]any, value any) {
		properties, nested := node["properties"].(map[string]any)
		if nested && path != "config" && path != "secrets" {
			values, _ := value.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(properties)) {
				if name != "global" {
					walk(strings.TrimPrefix(path+"."+name, "."), child(t, properties, name), values[name])
				}
			}
			return
		}
		fallback := ""
		switch encoded := compact(t, value); encoded {
		case `""`, "null", "{}", "[]":
		default:
			fallback = "`" + strings.Trim(encoded, `"`) + "`"
		}
		if path == "config" || path == "secrets" {
			fallback = "see values.yaml"
		}
		description, _ := node["description"].(string)
		out.WriteString("| `" + path + "` | " + fallback + " | " + strings.ReplaceAll(description, "|", "\\|") + " |\n")
	}
	walk("", schema(t), defaults(t))
	return out.String()
}

func compact(t testing.TB, value any) string {
	t.Helper()
	return strings.TrimSpace(string(encode(t, value, "")))
}

// encode writes readable JSON.
func encode(t testing.TB, value any, indent string) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	require.NoError(t, encoder.Encode(value))
	return out.Bytes()
}

// refresh rewrites the files that are generated from others.
func refresh(t testing.TB) {
	t.Helper()
	got := schema(t)
	child(t, got, "properties", "config")["properties"] = configSchema(t)
	child(t, got, "properties", "secrets")["properties"] = secretsSchema(t)
	require.NoError(t, os.WriteFile(schemaFile, encode(t, got, "  "), 0o644))
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	before, rest, _ := strings.Cut(string(text), tableStart)
	_, after, found := strings.Cut(rest, tableEnd)
	require.True(t, found)
	require.NoError(t, os.WriteFile(readmeFile, []byte(before+tableStart+valuesTable(t)+tableEnd+after), 0o644))
}
