package documents

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	// link matches a link of Markdown. Its group leaves out the part after #.
	link = regexp.MustCompile(`\]\(([^)#\s]+)[^)\s]*\)`)
	// path matches a path below one of the folders of the repository, in backquotes. It
	// may be a pattern, such as migrations/0*.go.
	path = regexp.MustCompile("`((?:adapters|application|bootstrap|deploy|docs|domain|helm|migrations|ports|scripts|test|tools)/[\\w./*-]*)`")
)

// documents returns the texts for people by their paths.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "helm/*/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, file := range files {
			text, readErr := os.ReadFile(file)
			require.NoError(t, readErr)
			texts[file] = string(text)
		}
	}
	require.Contains(t, texts, filepath.Join(root, "CONTRIBUTING.md"))
	return texts
}

// A link to this repository leads to a file or a folder.
func TestDocuments_LinksResolve(t *testing.T) {
	t.Parallel()
	for document, text := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(match[1], ":") {
				continue // to another site
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(document), match[1]))
			assert.NoError(t, err, "%s links to %s", document, match[1])
		}
	}
}

// Every path that a document names exists.
func TestDocuments_PathsExist(t *testing.T) {
	t.Parallel()
	for document, text := range documents(t) {
		for _, match := range path.FindAllStringSubmatch(text, -1) {
			found, err := filepath.Glob(filepath.Join(root, match[1]))
			require.NoError(t, err)
			assert.NotEmpty(t, found, "%s names %s", document, match[1])
		}
	}
}
