package monitoring

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// casesFile is promtool's file of tests for the alerts.
const casesFile = "testdata/alerts_test.yaml"

func TestAlerts_HaveEveryFieldThatAnOperatorNeeds(t *testing.T) {
	t.Parallel()
	output, ok := promtool(t, "", "check", "rules", "--lint=all", "--lint-fatal", alertsFile)
	require.True(t, ok, output)
	seen := map[string]bool{}
	for _, r := range alertRules(t) {
		assert.False(t, seen[r.Alert], "%s is there twice", r.Alert)
		seen[r.Alert] = true
		assert.Regexp(t, `^AuthService[A-Z]\w+$`, r.Alert)
		assert.Regexp(t, `^\d+[mh]$`, r.For, r.Alert)
		assert.Contains(t, []string{"critical", "warning"}, r.Labels["severity"], r.Alert)
		assert.Regexp(t, `^[A-Z].*\.$`, r.Annotations["summary"], r.Alert)
		assert.Regexp(t, `\.$`, r.Annotations["description"], r.Alert)
		assert.Equal(t, "https://github.com/seed543b3b27/auth-service/blob/main/docs/runbooks/"+r.Alert+".md", r.Annotations["runbook_url"])
		assert.Contains(t, r.Expr, `{job="auth-service"`, "%s must select this service only", r.Alert)
		for _, name := range metricsIn(r.Expr) {
			assert.Regexp(t, name+`\{job="auth-service"`, r.Expr, "%s: each metric must be of this service", r.Alert)
		}
	}
}

func TestRunbooks_EachBelongsToAnAlert(t *testing.T) {
	t.Parallel()
	severities := map[string]string{}
	for _, r := range alertRules(t) {
		severities[r.Alert] = r.Labels["severity"]
	}
	for _, book := range allRunbooks(t) {
		severity, known := severities[book.name]
		assert.True(t, known, "%s has no alert", book.name)
		delete(severities, book.name)
		assert.True(t, strings.HasPrefix(book.text, "# "+book.name+"\n\nSeverity: "+severity+"\n"), "the beginning of %s", book.name)
		at := 0
		for _, heading := range []string{"## Meaning", "## Impact", "## Diagnosis", "## Mitigation"} {
			next := strings.Index(book.text, "\n"+heading+"\n")
			assert.Greater(t, next, at, "%s: %s", book.name, heading)
			at = next
		}
		assert.NotEmpty(t, queries(book.text), "%s has no query", book.name)
		for _, link := range markdownLink.FindAllStringSubmatch(book.text, -1) {
			_, err := os.Stat(filepath.Join(runbooks, link[1]))
			assert.NoError(t, err, book.name)
		}
	}
	assert.Empty(t, severities, "these alerts have no runbook")
}

// cases are the parts of promtool's file that this test looks at.
type cases struct {
	Tests []struct {
		Alerts []struct {
			Name   string `yaml:"alertname"`
			Expect []any  `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
	} `yaml:"tests"`
}

// F-A01: among others, the alert that quotes the mail server.
func TestAlerts_FireOnlyWhenTheyShould(t *testing.T) {
	t.Parallel()
	output, ok := promtool(t, "", "test", "rules", casesFile)
	require.True(t, ok, output)
	var file cases
	require.NoError(t, yaml.Unmarshal([]byte(read(t, casesFile)), &file))
	fires, quiet := map[string]int{}, map[string]int{}
	for _, test := range file.Tests {
		for _, a := range test.Alerts {
			if len(a.Expect) > 0 {
				fires[a.Name]++
			} else {
				quiet[a.Name]++
			}
		}
	}
	rules := alertRules(t)
	for _, r := range rules {
		assert.Positive(t, fires[r.Alert], "no case in which %s fires", r.Alert)
		assert.Positive(t, quiet[r.Alert], "no case in which %s does not fire", r.Alert)
	}
	assert.Len(t, fires, len(rules), "each case belongs to an alert")
	assert.Len(t, quiet, len(rules), "each case belongs to an alert")
}

// An alert that never fires fails its cases, and so does one that always fires.
func TestAlerts_CasesCanFail(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var all struct {
		Interval string           `yaml:"evaluation_interval"`
		Tests    []map[string]any `yaml:"tests"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, casesFile)), &all))
	for i, r := range alertRules(t) {
		own := slices.DeleteFunc(slices.Clone(all.Tests), func(test map[string]any) bool { return !strings.Contains(fmt.Sprint(test), "alertname:"+r.Alert+" ") })
		require.NotEmpty(t, own, r.Alert)
		for name, expression := range map[string]string{"never": `vector(1) == 2`, "always": `vector(1)`} {
			r.Expr = expression
			rules := write(t, filepath.Join(folder, fmt.Sprintf("%d-%s.yaml", i, name)),
				map[string]any{"groups": []any{map[string]any{"name": "changed", "rules": []rule{r}}}})
			output, ok := promtool(t, "", "test", "rules", write(t, filepath.Join(folder, fmt.Sprintf("%d-%s-test.yaml", i, name)),
				map[string]any{"rule_files": []string{rules}, "evaluation_interval": all.Interval, "tests": own}))
			assert.False(t, ok, "%s fires %s", r.Alert, name)
			assert.Contains(t, output, "alertname: "+r.Alert)
		}
	}
}

// write writes a value as YAML and returns the path.
func write(t testing.TB, path string, value any) string {
	t.Helper()
	content, err := yaml.Marshal(value)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}
