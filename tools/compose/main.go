// Command compose reads a Compose file as Docker Compose itself does, by the same
// library and strictly, and prints what it found as JSON. Variables are those of the
// caller; a file .env counts for nothing. It is a module of its own, so that what the
// library needs stays out of the service's go.mod.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: compose FILE")
		os.Exit(2)
	}
	if err := show(context.Background(), os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "compose:", err)
		os.Exit(1)
	}
}

// show prints the project that the file describes. Errors: what the schema of
// Compose files refuses, and references to what is not there.
func show(ctx context.Context, out io.Writer, file string) error {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithOsEnv)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	project, err := options.LoadProject(ctx)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	text, err := project.MarshalJSON()
	if err != nil {
		return fmt.Errorf("printing the project: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s\n", text)
	return err
}
