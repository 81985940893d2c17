package cli

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fields returns the lines of a table without the blanks between its columns.
func fields(table string) (lines []string) {
	for line := range strings.Lines(table) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return lines
}

// The list has each module of the program in its version. tools/licenses tests the rest:
// that the file is up to date, and that every licence fits.
func TestLicenses_NameEveryModuleOfTheProgram(t *testing.T) {
	t.Parallel()
	code, out, errOut := run(t, nil, "", "licenses")
	require.Equal(t, exitOK, code, errOut)
	assert.Contains(t, out, "Apache License, Version 2.0")
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "../..")
	modules, err := cmd.Output()
	require.NoError(t, err)
	lines := strings.Join(fields(out), "\n")
	for module := range strings.SplitSeq(strings.TrimSpace(string(modules)), "\n") {
		assert.Contains(t, lines, "\n"+module+" ", "to accept the change, run: make licenses")
	}
	for _, other := range []string{"Go, its runtime and standard library BSD-3-Clause", "Swagger UI: swagger-ui-dist Apache-2.0", "common passwords: "} {
		assert.Contains(t, lines, "\n"+other)
	}
	assert.NotContains(t, out, "Permission is hereby granted", "texts are printed on demand")
}

func TestLicenses_PrintTheTexts(t *testing.T) {
	t.Parallel()
	code, out, errOut := run(t, nil, "", "licenses", "--texts")
	require.Equal(t, exitOK, code, errOut)
	for _, text := range []string{
		"Apache License\n                           Version 2.0, January 2004", "Mozilla Public License Version 2.0",
		"Permission is hereby granted, free of charge", "Copyright 2009 The Go Authors", "SmartBear Software",
	} {
		assert.Contains(t, out, text)
	}
}
