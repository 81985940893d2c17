package chart

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-unittest/helm-unittest/pkg/unittest"
	"github.com/helm-unittest/helm-unittest/pkg/unittest/printer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// F-M8, among others: a gateway that is not trusted is refused.
func TestSuites_Pass(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(chartDir + "/tests/*_test.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	passed, report := runSuites(chartDir, "tests/*_test.yaml")
	require.True(t, passed, report)
	assert.NotContains(t, report, "skipped")
}

// TestSuites_CanFail runs a suite that demands the opposite.
func TestSuites_CanFail(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(chartDir)))
	require.NoError(t, os.RemoveAll(folder+"/tests"))
	require.NoError(t, os.Mkdir(folder+"/tests", 0o755))
	suite := strings.Join([]string{
		"suite: negative control", "templates: [service.yaml]", "values: [../examples/redis.yaml]", "tests:",
		"  - it: is no Secret", "    asserts:", "      - isKind: {of: Secret}", "",
	}, "\n")
	require.NoError(t, os.WriteFile(folder+"/tests/control_test.yaml", []byte(suite), 0o600))
	passed, report := runSuites(folder, "tests/*_test.yaml")
	assert.False(t, passed, report)
	assert.Contains(t, report, "1 failed")
}

// runSuites does `helm unittest --strict`.
func runSuites(chart, files string) (passed bool, report string) {
	var out bytes.Buffer
	colored := false
	runner := unittest.TestRunner{
		Printer:   printer.NewPrinter(&out, &colored),
		Strict:    true,
		TestFiles: []string{files},
	}
	passed = runner.RunV3([]string{chart})
	return passed, out.String()
}
