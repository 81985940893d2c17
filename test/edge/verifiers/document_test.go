package verifiers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// code matches a span of code, and version a name and its major version.
var (
	code    = regexp.MustCompile("`([^`]+)`")
	version = regexp.MustCompile("`?([a-z0-9-]+)`? (\\d+)")
)

// documented returns the rows of the table of verifiers in docs/keys.md.
func documented(t *testing.T) [][]string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/keys.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "|---|---|---|---|---|---|\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	rows := [][]string{}
	for line := range strings.Lines(table) {
		// A cell of code may hold this sign; no row of today does.
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		require.Len(t, cells, 6, line)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

// F-A11: the table of docs/keys.md says of each verifier that it was tried exactly if the
// other tests try it, and what they found. The line to add is in the program that they run.
func TestDocument_SaysWhatWasTried(t *testing.T) {
	t.Parallel()
	tried := map[string][]string{}
	for _, row := range documented(t) {
		name := code.FindStringSubmatch(row[0])
		require.NotNil(t, name, row[0])
		switch row[5] {
		case "yes":
			tried[name[1]] = row
		case "no":
		default:
			t.Errorf("%s: %s", name[1], row[5])
		}
	}
	for _, v := range verifiers() {
		row := tried[v.name]
		if !assert.NotNil(t, row, "%s is not in docs/keys.md", v.name) {
			continue
		}
		delete(tried, v.name)
		assert.Equal(t, string(v.untold), row[1], v.name)
		assert.Equal(t, strings.Join(v.knows, ", "), row[3], v.name)
		assert.Equal(t, string(v.choice), row[4], v.name)
		assert.Equal(t, v.untold == demands, row[2] == "", v.name)
		checkLine(t, v, row[2])
		checkVersions(t, v, row[0])
	}
	assert.Empty(t, tried, "not tried")
}

// checkLine checks that the sources of a verifier hold the line that the document shows.
func checkLine(t *testing.T, v verifier, line string) {
	t.Helper()
	sources := sourcesOf(t, v)
	for _, part := range code.FindAllStringSubmatch(line, -1) {
		assert.Contains(t, sources, part[1], v.name)
	}
}

// checkVersions checks the major versions of modules and packages that the tests pin.
// Those of Debian are not pinned.
func checkVersions(t *testing.T, v verifier, cell string) {
	t.Helper()
	files := map[string]string{"go": "go/go.mod", "node": "node/package.json"}
	if files[v.runtime] == "" {
		return
	}
	pins, err := os.ReadFile(files[v.runtime])
	require.NoError(t, err)
	found := version.FindAllStringSubmatch(cell, -1)
	require.NotEmpty(t, found, cell)
	for _, of := range found {
		name := map[string]string{"golang-jwt": "jwt"}[of[1]]
		if name == "" {
			name = of[1]
		}
		pin := regexp.MustCompile(`[/"]` + name + `(?:/v\d+ v|": ")` + of[2] + `\.`)
		assert.Regexp(t, pin, string(pins), cell)
	}
}

func sourcesOf(t *testing.T, v verifier) string {
	t.Helper()
	pattern := v.runtime + "/*.*"
	if v.runtime == "haproxy" {
		pattern = "gateways_test.go"
	}
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var text strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		text.Write(content)
	}
	return text.String()
}
