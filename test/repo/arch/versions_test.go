package arch

import (
	"go/version"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// floors are the oldest safe versions of modules.
var floors = map[string]string{
	// T-01: request smuggling; Fiber itself asks for 1.51.0 of 2023.
	"github.com/valyala/fasthttp": "v1.78.0",
	// V-37: crashes, overflows and weak identifiers.
	"github.com/gofiber/fiber/v2": "v2.52.15",
	// V-31: header injection.
	"github.com/wneessen/go-mail": "v0.7.1",
	// V-38: SQL injection in the simple protocol.
	"github.com/jackc/pgx/v5": "v5.9.2",
}

// goFloor is the oldest safe version of Go. T-17: quadratic parsing of addresses.
const goFloor = "go1.26.4"

// atLeast reports whether a module's version is floor or newer. Go's own versions
// compare in the same way; a pre-release or a pseudo-version counts as too old.
func atLeast(v, floor string) bool {
	asGo := func(s string) string { return "go" + strings.TrimPrefix(s, "v") }
	return !strings.Contains(v, "-") && version.IsValid(asGo(v)) && version.Compare(asGo(v), asGo(floor)) >= 0
}

func TestVersions_UnsafeDependenciesAreOut(t *testing.T) {
	t.Parallel()
	readTree(t)
	type listedModule struct {
		Path    string
		Version string
		Replace *struct{ Path string }
	}
	args := append([]string{"-m", "-json=Path,Version,Replace"}, slices.Sorted(maps.Keys(floors))...)
	modules := list[listedModule](t, root, args...)
	assert.Len(t, modules, len(floors))
	for _, m := range modules {
		assert.Nil(t, m.Replace, "%s is replaced", m.Path)
		assert.True(t, atLeast(m.Version, floors[m.Path]), "%s is %s, needs %s", m.Path, m.Version, floors[m.Path])
	}
}

func TestVersions_GoIsNewEnough(t *testing.T) {
	t.Parallel()
	readTree(t)
	main := list[struct{ GoVersion string }](t, root, "-m", "-json=GoVersion")
	require.Len(t, main, 1)
	assert.True(t, atLeast(main[0].GoVersion, goFloor[len("go"):]), "go.mod asks for go %s", main[0].GoVersion)
	assert.GreaterOrEqual(t, version.Compare(runtime.Version(), goFloor), 0, "built with %s", runtime.Version())
}

func TestVersions_OlderOnesAreFound(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]bool{
		"v1.78.0": true, "v1.78.1": true, "v1.100.0": true, "v2.0.0": true,
		"v1.77.9": false, "v1.51.0": false, "v1.9.0": false, "v0.99.0": false,
		"v1.78.0-rc.1": false, "v1.78.1-0.20260101000000-abcdefabcdef": false, "": false,
	} {
		assert.Equal(t, want, atLeast(v, "v1.78.0"), v)
	}
}
