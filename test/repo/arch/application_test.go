package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// maxPorts is how many ports one package of the application may use. A package that
// needs more has more than one capability.
const maxPorts = 6

// portsProblems returns what is wrong with the declarations of Ports in a file, and
// how many of them there are. An alias of kit.Ports counts, because the struct of kit
// is checked as well.
func portsProblems(file *ast.File) (problems []string, declared int) {
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != "Ports" {
			return true
		}
		declared++
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			if from, ok := spec.Type.(*ast.SelectorExpr); !ok || from.Sel.Name != "Ports" || !spec.Assign.IsValid() {
				problems = append(problems, "Ports is neither a struct nor an alias of kit.Ports")
			}
			return false
		}
		count := 0
		for _, field := range fields.Fields.List {
			if len(field.Names) == 0 {
				problems = append(problems, "Ports embeds a type, so its ports cannot be counted")
			}
			count += len(field.Names)
		}
		if count > maxPorts {
			problems = append(problems, fmt.Sprintf("Ports has %d fields", count))
		}
		return false
	})
	return problems, declared
}

func TestApplication_EveryPackageHasAtMostSixPorts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(root + "/application/*/*.go")
	require.NoError(t, err)
	kit, err := filepath.Glob(root + "/application/internal/*/*.go")
	require.NoError(t, err)
	ports := map[string]int{} // the declarations by folder
	for _, path := range slices.Concat(files, kit) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		problems, declared := portsProblems(file)
		assert.Empty(t, problems, path)
		ports[filepath.Dir(path)] += declared
	}
	require.NotEmpty(t, ports)
	for folder, declared := range ports {
		assert.Equal(t, 1, declared, "%s declares its ports in one type called Ports", folder)
	}
}

// The rule is of no use unless it can fail.
func TestApplication_FindsPackagesWithTooManyPorts(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"type Ports struct { A, B, C, D, E, F int }":        "",
		"type Ports = kit.Ports":                            "",
		"type Ports struct { A, B, C, D int; E, F, G int }": "Ports has 7 fields",
		"type Ports struct { kit.Ports; Signer int }":       "Ports embeds a type, so its ports cannot be counted",
		"type Ports kit.Ports":                              "Ports is neither a struct nor an alias of kit.Ports",
		"type Ports = map[string]any":                       "Ports is neither a struct nor an alias of kit.Ports",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "ports.go", "package p\n"+source, parser.SkipObjectResolution)
		require.NoError(t, err)
		problems, declared := portsProblems(file)
		assert.Equal(t, 1, declared, source)
		assert.Equal(t, want, strings.Join(problems, "; "), source)
	}
}
