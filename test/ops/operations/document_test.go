package operations

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const documentPath = "../../../docs/operations.md"

// marked matches a block of commands that is marked to be run, and its name.
var marked = regexp.MustCompile("(?s)<!-- run: ([a-z-]+) -->\n```sh\n(.*?)```")

// document holds the marked blocks by their names, and which of them ran.
type document struct {
	blocks map[string]string
	ran    map[string]bool
}

func readDocument(t *testing.T) *document {
	t.Helper()
	text, err := os.ReadFile(documentPath)
	require.NoError(t, err)
	d := &document{blocks: map[string]string{}, ran: map[string]bool{}}
	for _, match := range marked.FindAllStringSubmatch(string(text), -1) {
		require.NotContains(t, d.blocks, match[1], "a name may occur once")
		d.blocks[match[1]] = match[2]
	}
	require.Len(t, d.blocks, strings.Count(string(text), "<!-- run: "), "every mark must stand directly above its block")
	return d
}

// block returns a marked block, and notes that it runs.
func (d *document) block(t *testing.T, name string) string {
	t.Helper()
	require.Contains(t, d.blocks, name)
	d.ran[name] = true
	return d.blocks[name]
}

// missed returns the blocks that no test ran.
func (d *document) missed() []string {
	var names []string
	for name := range d.blocks {
		if !d.ran[name] {
			names = append(names, name)
		}
	}
	return names
}
