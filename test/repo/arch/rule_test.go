package arch

import (
	"fmt"
	"slices"
	"strings"
)

// module is the path of this module.
const module = "github.com/seed543b3b27/auth-service"

// listed is a package as go list describes it.
type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

// mayImport lists the folders of this module that the code of a folder may import, besides
// itself. It may not import the rest of the service. The entry of a unit overrides the entry
// of its top folder. Folders without an entry (bootstrap/cli, test) may import everything.
var mayImport = map[string][]string{
	"domain":      {},
	"ports":       {"domain"},
	"application": {"domain", "ports"},
	"adapters":    {"domain", "ports"},
	"migrations":  {"domain", "ports"},
	"":            {"bootstrap"}, // main.go
	// The command line uses the wiring, which uses the settings.
	"bootstrap/config":   {"domain", "ports", "adapters"},
	"bootstrap/assembly": {"domain", "ports", "application"},
	"bootstrap/service":  {"domain", "ports", "application", "adapters", "migrations", "bootstrap/config", "bootstrap/assembly"},
	// Other teams' services build it without the rest.
	"adapters/verify": {"domain"},
	// The HTTP engine does not know the operations that it serves.
	"adapters/internal/edge": {},
}

// standardOnly are folders whose code imports no third party.
var standardOnly = []string{"domain", "ports", "application", ""}

// selfContained are folders that depend only on the standard library and the listed
// folders, also indirectly.
var selfContained = map[string][]string{
	"domain":                {"domain"},
	"adapters/internal/jws": {"adapters/internal/jws", "domain"},
	"adapters/verify":       {"adapters/verify", "adapters/internal/jws", "domain"},
}

// sharedFolders are the folders of the packages that adapters, or the packages of the
// application, share. Shared packages do not import each other.
var sharedFolders = []string{"adapters/internal", "application/internal"}

// domainTestTools are the modules that the domain's tests may use.
var domainTestTools = []string{"github.com/stretchr/testify", "pgregory.net/rapid"}

// confined are third parties and the only folders that may import them, tests
// included.
var confined = map[string][]string{
	"go.uber.org/fx":                {"bootstrap/service"},
	"gorm.io":                       {"adapters/database", "adapters/jobs", "migrations"},   // jobs join its transactions
	"github.com/gofiber":            {"adapters/internal/edge", "test/bench/load/floor"},    // the yardstick is on the same engine
	"github.com/valyala/fasthttp":   {"adapters/internal/edge", "test/bench/load/generate"}, // its client is the lightest
	"github.com/danielgtaylor/huma": {"adapters/httpapi"},
	"rsc.io/qr":                     {"adapters/httpapi"},
	// Any package may make spans with OpenTelemetry's API. Only one package sends them.
	"go.opentelemetry.io/otel/sdk":       {"adapters/tracing"},
	"go.opentelemetry.io/otel/exporters": {"adapters/tracing"},
}

// violations returns a sentence for every import that breaks the dependency rule.
func violations(packages []listed) []string {
	var found []string
	for _, p := range packages {
		report := func(format string, args ...any) {
			found = append(found, p.ImportPath+" "+fmt.Sprintf(format, args...))
		}
		from := folder(p.ImportPath)
		for _, imported := range p.Imports {
			if own(imported) && !ownAllowed(from, folder(imported)) {
				report("must not import %s", imported)
			}
			if thirdParty(imported) && slices.Contains(standardOnly, top(from)) {
				report("must not import the third party %s", imported)
			}
		}
		tests := slices.Concat(p.TestImports, p.XTestImports)
		for _, imported := range slices.Concat(p.Imports, tests) {
			for party, homes := range confined {
				if within(imported, party) && !slices.ContainsFunc(homes, func(home string) bool { return within(from, home) }) {
					report("must not import %s, which belongs to %s", imported, strings.Join(homes, " and "))
				}
			}
		}
		for home, may := range selfContained {
			if !within(from, home) {
				continue
			}
			for _, dep := range p.Deps {
				ours := slices.ContainsFunc(may, func(folder string) bool { return within(dep, module+"/"+folder) })
				if !ours && (own(dep) || thirdParty(dep)) {
					report("must not depend on %s", dep)
				}
			}
		}
		if top(from) != "domain" {
			continue
		}
		for _, imported := range tests {
			tool := slices.ContainsFunc(domainTestTools, func(tool string) bool { return within(imported, tool) })
			if imported != p.ImportPath && !tool && (own(imported) || thirdParty(imported)) {
				report("must not import %s in its tests", imported)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// ownAllowed reports whether code in one of our folders may import another one.
func ownAllowed(from, to string) bool {
	if unit(from) == unit(to) {
		return true
	}
	if isShared(to) {
		return top(from) == top(to) && !isShared(from)
	}
	if top(to) == "test" {
		return top(from) == "test" // production code must not use test helpers
	}
	allowed, limited := mayImport[unit(from)]
	if !limited {
		allowed, limited = mayImport[top(from)]
	}
	return !limited || slices.ContainsFunc(allowed, func(folder string) bool { return within(to, folder) })
}

// own reports whether path is in this module.
func own(path string) bool { return within(path, module) }

// thirdParty reports whether path is neither ours nor in the standard library. Paths of
// the standard library have no dot in their first element.
func thirdParty(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !own(path) && strings.Contains(first, ".")
}

// folder returns the folder of a package in this module; "" is the root.
func folder(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// top returns the first element of a folder.
func top(folder string) string {
	first, _, _ := strings.Cut(folder, "/")
	return first
}

// isShared reports whether a folder is below one of sharedFolders.
func isShared(folder string) bool {
	return slices.ContainsFunc(sharedFolders, func(shared string) bool { return within(folder, shared) })
}

// unit returns the part of a folder within which imports are free: one adapter, one
// package of the application or of bootstrap, one shared package, else the top folder.
func unit(folder string) string {
	depth := 1
	switch {
	case isShared(folder):
		depth = 3
	case slices.Contains([]string{"adapters", "application", "bootstrap"}, top(folder)):
		depth = 2
	}
	parts := strings.Split(folder, "/")
	return strings.Join(parts[:min(depth, len(parts))], "/")
}

// within reports whether path is parent or below it.
func within(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}
