package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// purePackages are the packages of the standard library that the domain may import.
// They do no I/O and know no context, randomness or encoding of the wire. impureNames
// lists the names in them that are not pure.
var purePackages = []string{
	"bytes", "cmp", "crypto/sha256", "crypto/subtle", "encoding/hex", "errors", "fmt", "iter", "maps", "math", "net/netip",
	"regexp", "slices", "strconv", "strings", "time", "unicode", "unicode/utf8", "unique",
}

// alsoAllowed are packages that one file of the domain may import besides, with a reason.
var alsoAllowed = map[string][]string{
	"object.go": {"encoding/json"}, // what applications keep with users is JSON by its nature (RFC 7396; ADR 0040)
	// One-time codes are an HMAC of a number (RFC 4226), and applications read the secret from base32 in a URI.
	"totp.go": {"crypto/hmac", "crypto/sha1", "crypto/sha512", "encoding/base32", "encoding/binary", "hash", "net/url"},
}

// impureNames are the names of pure packages that read the clock, wait, print or
// read input.
var impureNames = map[string][]string{
	"time": {"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep", "Local", "LoadLocation"},
	"fmt":  {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
}

// impurities returns a sentence for each impurity in a file of the domain: an import, a
// use of the clock or of the console, or a struct tag.
func impurities(file *ast.File) []string {
	var found []string
	for _, spec := range file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err != nil || !slices.Contains(purePackages, path) {
			found = append(found, "imports "+spec.Path.Value)
		}
		if spec.Name != nil {
			found = append(found, "renames "+spec.Path.Value) // impureNames needs the real names of packages
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			from, ok := n.X.(*ast.Ident)
			if ok && slices.Contains(impureNames[from.Name], n.Sel.Name) {
				found = append(found, fmt.Sprintf("uses %s.%s", from.Name, n.Sel.Name))
			}
		case *ast.Field:
			if n.Tag != nil {
				found = append(found, "has the tag "+n.Tag.Value)
			}
		}
		return true
	})
	return found
}

func TestArch_DomainIsPure(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join(root, "domain", "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		found := slices.DeleteFunc(impurities(file), func(impurity string) bool {
			return slices.ContainsFunc(alsoAllowed[filepath.Base(name)], func(path string) bool { return impurity == "imports "+strconv.Quote(path) })
		})
		assert.Empty(t, found, "%s: the domain has no I/O, clock, randomness, context or tags", name)
	}
}

func TestArch_ImpuritiesAreFound(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`import "context"`:                          `imports "context"`,
		`import "net/http"`:                         `imports "net/http"`,
		`import "encoding/json"`:                    `imports "encoding/json"`,
		`import "crypto/rand"`:                      `imports "crypto/rand"`,
		`import clock "time"`:                       `renames "time"`,
		`var started = time.Now()`:                  "uses time.Now",
		`func f() { fmt.Println("hello") }`:         "uses fmt.Println",
		"type user struct { ID int `json:\"id\"` }": "has the tag `json:\"id\"`",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "bad.go", "package domain\n"+source, 0)
		require.NoError(t, err)
		assert.Equal(t, []string{want}, impurities(file), source)
	}
}
