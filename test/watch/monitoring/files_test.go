package monitoring

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	root        = "../../../"
	alertsFile  = root + "helm/auth-service/files/alerts.yaml"
	boardFile   = root + "helm/auth-service/files/dashboard.json"
	metricsFile = root + "docs/metrics.md"
	runbooks    = root + "docs/runbooks/"
)

// rule is an alert as its file describes it.
type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

type ruleFile struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	} `yaml:"groups"`
}

func read(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

func alertRules(t testing.TB) []rule {
	t.Helper()
	var file ruleFile
	require.NoError(t, yaml.Unmarshal([]byte(read(t, alertsFile)), &file))
	var all []rule
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	require.NotEmpty(t, all)
	return all
}

// impatient writes a copy of the alerts that differs only in how long each has to hold.
func impatient(t testing.TB, hold time.Duration) string {
	t.Helper()
	var file ruleFile
	require.NoError(t, yaml.Unmarshal([]byte(read(t, alertsFile)), &file))
	for _, group := range file.Groups {
		for i := range group.Rules {
			group.Rules[i].For = hold.String()
		}
	}
	return write(t, filepath.Join(t.TempDir(), "alerts.yaml"), file)
}

// runbook is a file of docs/runbooks.
type runbook struct{ name, text string }

func allRunbooks(t testing.TB) []runbook {
	t.Helper()
	paths, err := filepath.Glob(runbooks + "*.md")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var all []runbook
	for _, path := range paths {
		all = append(all, runbook{strings.TrimSuffix(filepath.Base(path), ".md"), read(t, path)})
	}
	return all
}

var (
	promqlBlock  = regexp.MustCompile("(?s)```promql\n(.*?)```")
	markdownLink = regexp.MustCompile(`\]\(([^):]+\.md)[^)]*\)`)
)

// queries returns the PromQL expressions of a document.
func queries(document string) []string {
	var all []string
	for _, block := range promqlBlock.FindAllStringSubmatch(document, -1) {
		all = append(all, strings.TrimSpace(block[1]))
	}
	return all
}

var (
	quoted     = regexp.MustCompile(`"[^"]*"`)
	metricName = regexp.MustCompile(`\b(?:up|(?:auth|go|process)_[a-z0-9_]+)\b`)
	grouping   = regexp.MustCompile(`\b(?:by|without)\s*\([^)]*\)`)
)

// metricsIn returns the names of the metrics in an expression.
func metricsIn(expression string) []string {
	return metricName.FindAllString(grouping.ReplaceAllString(quoted.ReplaceAllString(expression, ""), ""), -1)
}
