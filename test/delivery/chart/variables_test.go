package chart

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// variable is a row of the tables in the service's README, which the service's own
// tests compare with its code.
type variable struct {
	name, fallback, meaning string
	secret                  bool
}

var variableRow = regexp.MustCompile("(?m)^\\| `([A-Z_]+)`(\\*?) \\| (.*?) ?\\| (.*) \\|$")

func variables(t testing.TB) []variable {
	t.Helper()
	text, err := os.ReadFile(root + "/README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "<!-- variables -->")
	require.True(t, found)
	tables, _, found := strings.Cut(rest, "<!-- end of variables -->")
	require.True(t, found)
	var all []variable
	for _, row := range variableRow.FindAllStringSubmatch(tables, -1) {
		all = append(all, variable{name: row[1], secret: row[2] == "*", fallback: strings.Trim(row[3], "`"), meaning: row[4]})
	}
	require.Greater(t, len(all), 40)
	return all
}

// chartsOwn are variables that the chart sets itself.
var chartsOwn = map[string]bool{"HTTP_ADDR": true, "PORT": true}

// linked matches links that are relative to the service's README, because they lead
// nowhere from the chart.
var linked = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)

func (v variable) description() string { return linked.ReplaceAllString(v.meaning, "$1") }

// configSchema returns the properties of config: the tables' variables without secrets.
func configSchema(t testing.TB) map[string]any {
	t.Helper()
	properties := map[string]any{}
	for _, v := range variables(t) {
		if v.secret || chartsOwn[v.name] {
			continue
		}
		kinds := []any{"null"}
		switch {
		case v.fallback != "" && strings.Contains(v.meaning, "`off`") && regexp.MustCompile(`^\d+$`).MatchString(v.fallback):
			kinds = append(kinds, "integer", "string")
		case regexp.MustCompile(`^\d+$`).MatchString(v.fallback) || strings.HasSuffix(v.name, "_DAYS") || strings.HasPrefix(v.name, "HASH_"):
			kinds = append(kinds, "integer")
		case v.fallback == "true" || v.fallback == "false":
			kinds = append(kinds, "boolean")
		case strings.HasSuffix(v.meaning, "separated by commas"):
			kinds = append(kinds, "string", "array")
		default:
			kinds = append(kinds, "string")
		}
		property := map[string]any{"description": v.description(), "type": kinds}
		if kinds[len(kinds)-1] == "array" {
			property["items"] = map[string]any{"type": "string"}
		}
		if v.name == "PUBLIC_URL" {
			property["pattern"] = "^(https?://.+)?$"
		}
		properties[v.name] = property
	}
	return properties
}

// secretsSchema returns the properties of secrets: the tables' rows marked *.
func secretsSchema(t testing.TB) map[string]any {
	t.Helper()
	text := func(d string) map[string]any { return map[string]any{"description": d, "type": "string"} }
	properties := map[string]any{}
	for _, v := range variables(t) {
		if v.secret {
			properties[v.name] = map[string]any{
				"description": v.description(), "type": "object", "additionalProperties": false,
				"properties": map[string]any{
					"value":             text("its value, which the chart stores in a Secret of its own"),
					"existingSecret":    text("a Secret that exists, instead of a value"),
					"existingSecretKey": text("the key in that Secret"),
				},
			}
		}
	}
	return properties
}
