package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// update rewrites the generated part of docs/cli.md.
var update = flag.Bool("update", false, "rewrite the generated part of docs/cli.md")

const (
	cliDocument = "../../docs/cli.md"
	// generatedBelow separates the written part from the generated one.
	generatedBelow = "<!-- commands: generated from the program's own help -->\n"
)

// docs/cli.md equals the help of the program.
func TestDocs_ListEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(cliDocument)
	require.NoError(t, err)
	written, generated, found := strings.Cut(string(document), generatedBelow)
	require.True(t, found, "the line that separates the generated part is missing")
	var fresh strings.Builder
	root := (&commands{IO{}}).root()
	describe(&fresh, root)
	if *update {
		require.NoError(t, os.WriteFile(cliDocument, []byte(written+generatedBelow+fresh.String()), 0o600))
		return
	}
	assert.Equal(t, fresh.String(), generated, "to accept the change, run: go test ./bootstrap/cli -run TestDocs -update")
}

// describe writes a command and its subcommands.
func describe(b *strings.Builder, cmd *cobra.Command) {
	if cmd.IsAvailableCommand() && (cmd.Runnable() || !cmd.HasParent()) && cmd.Name() != "help" {
		fmt.Fprintf(b, "\n## `%s`\n\n", cmd.CommandPath())
		text := cmd.Long
		if text == "" || cmd.HasParent() && cmd.Parent().Name() == "completion" {
			text = cmd.Short + "."
		}
		fmt.Fprintf(b, "%s\n", indented.ReplaceAllString(strings.TrimSpace(text), "    $0"))
		if !cmd.HasAvailableSubCommands() || !cmd.HasParent() {
			fmt.Fprintf(b, "\n```\n%s\n```\n", cmd.UseLine())
		}
		if cmd.HasExample() {
			fmt.Fprintf(b, "\n```sh\n%s\n```\n", strings.ReplaceAll(strings.TrimSpace(cmd.Example), "\n  ", "\n"))
		}
		describeFlags(b, cmd)
	}
	for _, sub := range cmd.Commands() {
		describe(b, sub)
	}
}

// indented matches the indented lines of a help text.
var indented = regexp.MustCompile(`(?m)^ {2}\S.*$`)

func describeFlags(b *strings.Builder, cmd *cobra.Command) {
	heading := false
	cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Hidden {
			return
		}
		if !heading {
			b.WriteString("\n| Flag | Default | Meaning |\n|---|---|---|\n")
			heading = true
		}
		placeholder, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if placeholder != "" {
			name += " " + placeholder
		}
		def := ""
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
			def = "`" + f.DefValue + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, def, usage)
	})
}

// The table in the document and --help list the exit codes of the code.
func TestDocs_ListEveryExitCode(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(cliDocument)
	require.NoError(t, err)
	var out bytes.Buffer
	require.Equal(t, exitOK, Main([]string{"--help"}, IO{Out: &out, Err: &out}))
	_, codes, found := strings.Cut(out.String(), "Exit codes:")
	require.True(t, found)
	rows := regexp.MustCompile(`(?m)^\| (\d) \|`).FindAllStringSubmatch(string(document), -1)
	require.Len(t, rows, exitIncomplete+1)
	for code := exitOK; code <= exitIncomplete; code++ {
		assert.Equal(t, strconv.Itoa(code), rows[code][1])
		assert.Contains(t, codes, strconv.Itoa(code)+" ")
	}
}
