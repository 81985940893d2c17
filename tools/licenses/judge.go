package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	classifier "github.com/google/licenseclassifier/v2"
	"github.com/google/licenseclassifier/v2/assets"
)

// allowed are the licences that fit the program's own, Apache-2.0. All but one are
// permissive: they ask for their text and the copyright to go with copies.
var allowed = map[string]bool{
	"Apache-2.0": true, "MIT": true, "MIT-0": true, "ISC": true, "0BSD": true, "BSD-2-Clause": true, "BSD-3-Clause": true,
	"Zlib": true, "Unlicense": true, "CC0-1.0": true, "blessing": true,
	// Its copyleft ends with its files, which this program takes unchanged from the module
	// proxy, where everyone gets their source (sections 1.10, 3.2 and 3.3).
	"MPL-2.0": true,
}

// ignored are legal files about what is not in the program.
var ignored = map[string]bool{
	"modernc.org/memory LICENSE-LOGO": true, // of a picture in the repository
}

// named are the licences of files that the classifier does not know, or that name several.
var named = map[string][]string{
	"modernc.org/sqlite LICENSE-SQLITE": {"blessing"}, // SQLite is in the public domain
}

// classified are the names of the classifier that SPDX spells differently.
var classified = map[string]string{"BSD-0-Clause": "0BSD"}

// judge names licences.
type judge struct{ classifier *classifier.Classifier }

func newJudge() (judge, error) {
	c, err := assets.DefaultClassifier()
	return judge{c}, err
}

// name sets the licences of a component. Errors: it has none, or one that is unknown or not
// allowed.
func (j judge) name(c *component) error {
	found := map[string]bool{}
	for _, license := range c.licenses {
		found[license] = true
	}
	for _, t := range c.texts {
		licenses := j.of(c.name, t)
		if len(licenses) == 0 && !isNotice(t.file) && len(c.licenses) == 0 {
			return fmt.Errorf("%s: nobody knows the licence in %s", c.name, t.file)
		}
		for _, license := range licenses {
			found[license] = true
		}
	}
	if len(found) == 0 {
		return fmt.Errorf("%s has no licence", c.name)
	}
	c.licenses = slices.Sorted(maps.Keys(found))
	for _, license := range c.licenses {
		if !allowed[license] {
			return fmt.Errorf("%s: the licence %s does not fit", c.name, license)
		}
	}
	return nil
}

// isNotice reports whether a file adds to a licence that stands elsewhere.
func isNotice(file string) bool {
	name := strings.ToLower(file[strings.LastIndexByte(file, '/')+1:])
	return strings.HasPrefix(name, "notice") || strings.HasPrefix(name, "patents")
}

// of returns the licences that a text names.
func (j judge) of(component string, t text) (licenses []string) {
	if known, special := named[component+" "+t.file]; special {
		return known
	}
	if isNotice(t.file) {
		return nil
	}
	for _, match := range j.classifier.Match([]byte(t.body)).Matches {
		name := match.Name
		if spdx, other := classified[name]; other {
			name = spdx
		}
		if match.MatchType == "License" && !slices.Contains(licenses, name) {
			licenses = append(licenses, name)
		}
	}
	return licenses
}
