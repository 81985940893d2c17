package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the module's folder, seen from this package.
const root = "../../.."

// consumer is the folder of the module that imports the domain from outside.
const consumer = root + "/test/repo/consumer"

// goTool runs the go command in dir and returns its output. The consumer cannot
// download other modules.
func goTool(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if dir == consumer {
		cmd.Env = append(cmd.Env, "GOPROXY=off", "GOMODCACHE="+t.TempDir())
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "go %s: %s%s", strings.Join(args, " "), &stderr, &stdout)
	return stdout.Bytes()
}

// list decodes the output of go list -json: a sequence of values.
func list[T any](t *testing.T, dir string, args ...string) []T {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(goTool(t, dir, append([]string{"list"}, args...)...)))
	var all []T
	for {
		var one T
		err := dec.Decode(&one)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, one)
	}
}

// readTree reads every folder of the module, so that go test runs these tests again when
// the tree changes. It caches results by the files that a test looked at.
func readTree(t *testing.T) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root {
			return fs.SkipDir
		}
		return err
	}))
}

func TestArch_EveryPackageKeepsTheDependencyRule(t *testing.T) {
	t.Parallel()
	readTree(t)
	packages := list[listed](t, root, "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	require.NotEmpty(t, packages)
	assert.Empty(t, violations(packages), "domain <- ports <- application, and adapters know domain and ports only")
}

func TestArch_SelfContainedFoldersNeedTheStandardLibraryOnly(t *testing.T) {
	t.Parallel()
	readTree(t)
	for home, may := range selfContained {
		deps := list[struct {
			ImportPath string
			Standard   bool
		}](t, root, "-deps", "-json=ImportPath,Standard", "./"+home+"/...")
		require.NotEmpty(t, deps)
		for _, dep := range deps {
			ours := slices.ContainsFunc(may, func(folder string) bool { return within(dep.ImportPath, module+"/"+folder) })
			assert.True(t, dep.Standard || ours, "%s depends on %s", home, dep.ImportPath)
		}
	}
}

// A module that imports the domain and the verifier builds with an empty go.sum, because it needs only this
// module.
func TestArch_ConsumerNeedsNoOtherModule(t *testing.T) {
	t.Parallel()
	readTree(t)
	var gomod struct {
		Require []struct{ Path string }
		Replace []struct{ New struct{ Path string } }
	}
	require.NoError(t, json.Unmarshal(goTool(t, consumer, "mod", "edit", "-json"), &gomod))
	require.Len(t, gomod.Require, 1)
	assert.Equal(t, module, gomod.Require[0].Path)
	require.Len(t, gomod.Replace, 1)
	assert.Equal(t, root, gomod.Replace[0].New.Path)
	sum, err := os.ReadFile(filepath.Join(consumer, "go.sum"))
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	assert.Empty(t, sum)

	for _, dep := range list[struct {
		ImportPath string
		Standard   bool
	}](t, consumer, "-deps", "-json=ImportPath,Standard", "./...") {
		ours := slices.ContainsFunc([]string{"domain", "adapters/verify", "adapters/internal/jws", "test/repo/consumer"}, func(folder string) bool {
			return within(dep.ImportPath, module+"/"+folder)
		})
		assert.True(t, dep.Standard || ours, dep.ImportPath)
	}
	goTool(t, consumer, "vet", "./...")
	goTool(t, consumer, "test", "./...")
}
