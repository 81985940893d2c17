package documents

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the repository, seen from this package; records is the folder of decisions.
const (
	root    = "../../.."
	records = root + "/docs/adr"
)

// head matches the beginning of a record: number, title, status and date.
var head = regexp.MustCompile(`^# (\d+)\. (.+)\n\n- Status: (accepted|superseded by \d{4})\n- Date: (\d{4}-\d\d-\d\d)\n\n`)

// Every record has a number, a title, a status and a date, and the index has a line with the
// same values.
func TestDecisions_AreInTheIndex(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile(records + "/README.md")
	require.NoError(t, err)
	files, err := filepath.Glob(records + "/[0-9]*.md")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for i, file := range files {
		text, readErr := os.ReadFile(file)
		require.NoError(t, readErr)
		name, number := filepath.Base(file), fmt.Sprintf("%04d", i+1)
		assert.True(t, strings.HasPrefix(name, number+"-"), "%s: the number should be %s", name, number)
		match := head.FindStringSubmatch(string(text))
		if !assert.NotNil(t, match, "%s does not begin with number, title, status and date", name) {
			continue
		}
		assert.Equal(t, fmt.Sprint(i+1), match[1], name)
		line := fmt.Sprintf("| [%s](%s) | %s | %s | %s | ", number, name, match[2], match[3], match[4])
		assert.Contains(t, string(index), line, "docs/adr/README.md")
	}
	assert.Equal(t, len(files), strings.Count(string(index), "\n| [0"), "lines of the index")
}

// reference matches a reference to a record, by its number or by its file.
var reference = regexp.MustCompile(`\bADR[ -](\d+)|docs/adr/(\d\w*)`)

// In every file, a reference to a record leads to one.
func TestDecisions_ReferencesResolve(t *testing.T) {
	t.Parallel()
	tree := os.DirFS(root)
	require.NoError(t, fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); path != "." && strings.HasPrefix(name, ".") || name == "testdata" || name == "documents" {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || !named.MatchString(entry.Name()) {
			return nil
		}
		text, err := fs.ReadFile(tree, path)
		for _, match := range reference.FindAllStringSubmatch(string(text), -1) {
			number := match[1] + match[2]
			found, _ := filepath.Glob(records + "/" + number + "-*.md") // the pattern is good
			assert.True(t, len(number) == 4 && len(found) == 1, "%s: there is no record %s", path, number)
		}
		return err
	}))
}

// named matches the names of files that hold text for people.
var named = regexp.MustCompile(`^(Makefile|Dockerfile|.+\.(go|md|ya?ml|sql|sh|lua|conf|cfg|html|tpl|toml|mod))$`)
