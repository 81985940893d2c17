package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// component is a part of the program that others made.
type component struct {
	name, version string
	licenses      []string // SPDX identifiers
	texts         []text
}

// text is a licence or a notice.
type text struct{ file, body string }

// platforms are what releases are built for; the parts of the program differ a little.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"}

// legal matches the names of files that must go with a copy of the software.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|unlicense)`)

// Collect returns the licences of everything in the program of a module: a list, an empty
// line, and the texts. Errors: a licence that is missing, unknown or not allowed.
func Collect(folder string) ([]byte, error) {
	components, err := modules(folder)
	if err != nil {
		return nil, err
	}
	golang, err := standardLibrary()
	if err != nil {
		return nil, err
	}
	components = append(components, golang)
	others, err := embedded(folder)
	if err != nil {
		return nil, err
	}
	components = append(components, others...)
	judge, err := newJudge()
	if err != nil {
		return nil, err
	}
	var problems []error
	for i := range components {
		problems = append(problems, judge.name(&components[i]))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	slices.SortFunc(components, func(a, b component) int { return strings.Compare(a.name+" "+a.version, b.name+" "+b.version) })
	return write(components), nil
}

func write(components []component) []byte {
	var list, texts bytes.Buffer
	for _, c := range components {
		fmt.Fprintf(&list, "%s\t%s\t%s\n", c.name, c.version, strings.Join(c.licenses, ", "))
		for _, t := range c.texts {
			fmt.Fprintf(&texts, "\n%s\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), strings.TrimSpace(c.name+" "+c.version), t.file, strings.TrimSpace(t.body))
		}
	}
	return append(list.Bytes(), texts.Bytes()...)
}

// listedPackage is a package as go list describes it.
type listedPackage struct {
	Dir    string `json:"Dir"`
	Module *struct {
		Path    string `json:"Path"`
		Version string `json:"Version"`
		Dir     string `json:"Dir"`
		Main    bool   `json:"Main"`
	} `json:"Module"`
}

// modules returns the modules of the program, with the licences of their packages in it.
func modules(folder string) ([]component, error) {
	found := map[string]*component{}
	for _, platform := range platforms {
		packages, err := list(folder, platform)
		if err != nil {
			return nil, err
		}
		for _, p := range packages {
			if p.Module == nil || p.Module.Main {
				continue
			}
			c := found[p.Module.Path]
			if c == nil {
				c = &component{name: p.Module.Path, version: p.Module.Version}
				found[p.Module.Path] = c
			}
			if err := c.read(p.Module.Dir, p.Dir); err != nil {
				return nil, err
			}
		}
	}
	var all []component
	for _, c := range found {
		slices.SortFunc(c.texts, func(a, b text) int { return strings.Compare(a.file, b.file) })
		all = append(all, *c)
	}
	return all, nil
}

// list returns the packages of the program on a platform.
func list(folder, platform string) (packages []listedPackage, err error) {
	system, arch, _ := strings.Cut(platform, "/")
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,Module", ".") //nolint:noctx // a short command
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0", "GOWORK=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
}

// read adds the legal files between the folder of a package and that of its module.
func (c *component) read(module, folder string) error {
	for ; ; folder = filepath.Dir(folder) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			name, err := filepath.Rel(module, path)
			if err != nil {
				return err
			}
			known := slices.ContainsFunc(c.texts, func(t text) bool { return t.file == filepath.ToSlash(name) })
			if known || !e.Type().IsRegular() || !legal.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") || ignored[c.name+" "+e.Name()] {
				continue
			}
			body, err := readFile(path)
			if err != nil {
				return err
			}
			c.texts = append(c.texts, text{filepath.ToSlash(name), string(body)})
		}
		if folder == module {
			return nil
		}
	}
}

// standardLibrary returns the part of Go itself.
func standardLibrary() (component, error) {
	c := component{name: "Go, its runtime and standard library"}

	out, err := exec.Command("go", "env", "GOROOT").Output() //nolint:noctx // a short command
	if err != nil {
		return c, fmt.Errorf("go env: %w", err)
	}
	for _, name := range []string{"LICENSE", "PATENTS"} {
		body, err := readFile(strings.TrimSpace(string(out)), name)
		if err != nil {
			return c, err
		}
		c.texts = append(c.texts, text{name, string(body)})
	}
	return c, nil
}

// readFile reads a file of the module, of its dependencies or of Go.
func readFile(path ...string) ([]byte, error) {
	return os.ReadFile(filepath.Join(path...)) //nolint:gosec // the tool reads what the developer names
}
