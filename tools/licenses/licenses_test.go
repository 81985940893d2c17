package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/licenseclassifier/v2/assets"
)

// What the program prints is what it contains. Each licence fits, or Collect fails.
func TestCollect_GivesWhatTheProgramPrints(t *testing.T) {
	t.Parallel()
	fresh, err := Collect("../..")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open("../../bootstrap/cli/licenses.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was read
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fresh, committed) {
		t.Error("bootstrap/cli/licenses.gz is out of date; to accept the change, run: make licenses")
	}
}

// The tool is of use only if it refuses.
func TestName_RefusesLicencesThatDoNotFit(t *testing.T) {
	t.Parallel()
	j, err := newJudge()
	if err != nil {
		t.Fatal(err)
	}
	standard := func(name string) string {
		body, err := assets.ReadLicenseFile("License/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for name, c := range map[string]struct {
		component component
		problem   string // empty for none
	}{
		"permissive":          {component{texts: []text{{"LICENSE", standard("MIT/pristine")}}}, ""},
		"weak copyleft":       {component{texts: []text{{"LICENSE", standard("MPL-2.0/pristine")}}}, ""},
		"strong copyleft":     {component{texts: []text{{"LICENSE", standard("GPL-2.0/license")}}}, "GPL-2.0 does not fit"},
		"network copyleft":    {component{texts: []text{{"COPYING", standard("AGPL-3.0/license")}}}, "AGPL-3.0 does not fit"},
		"both":                {component{texts: []text{{"LICENSE", standard("MIT/pristine")}, {"x/LICENSE", standard("GPL-2.0/license")}}}, "GPL-2.0 does not fit"},
		"a text of their own": {component{texts: []text{{"LICENSE", "Do what I mean, for a fee."}}}, "nobody knows the licence in LICENSE"},
		"nothing":             {component{}, "has no licence"},
		"a notice alone":      {component{texts: []text{{"NOTICE", "Copyright 2026 somebody"}}}, "has no licence"},
		"stated elsewhere":    {component{licenses: choice("(GPL-3.0 OR MIT)")}, "GPL-3.0 does not fit"},
		"a choice":            {component{licenses: choice("(MPL-2.0 OR Apache-2.0)")}, ""},
		"a sum":               {component{licenses: choice("(MIT AND BSD-3-Clause)")}, ""},
	} {
		err := j.name(&c.component)
		if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
			t.Errorf("%s: got %v, want %q", name, err, c.problem)
		}
	}
}
