// Command compose reads a Compose file strictly and with Docker Compose's own library,
// and prints the project as JSON. It takes variables from the caller's environment and
// ignores a file .env. It is a module of its own, so that the library's dependencies
// stay out of the service's go.mod.
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

// show prints the project that the file describes. Errors: a violation of the schema of
// Compose files, or a reference to something that is missing.
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
