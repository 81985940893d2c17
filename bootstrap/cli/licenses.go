package cli

import (
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// licensesOfParts is what tools/licenses has collected, compressed: a line of name, version
// and licences for each part of the program, an empty line, and the texts. Nothing reads it
// until a command asks.
//
//go:embed licenses.gz
var licensesOfParts string

func (c *commands) licensesCommand() *cobra.Command {
	var texts bool
	cmd := &cobra.Command{
		Use:   "licenses",
		Short: "Print the licences of the program and of everything it contains",
		Long: `Prints the licence of the program, and the name, version and licences of everything
that it contains: Go modules, Go's standard library, the packages in the page of the
API, and the lists behind the set of common passwords. With --texts it also prints the
texts of the licences.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return c.printLicenses(texts) },
	}
	cmd.Flags().BoolVar(&texts, "texts", false, "also print the texts of the licences")
	return cmd
}

func (c *commands) printLicenses(withTexts bool) error {
	list, texts, err := readLicenses()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(c.io.Out, "Auth Service is licensed under the Apache License, Version 2.0. It contains:\n\n"); err != nil {
		return err
	}
	table := tabwriter.NewWriter(c.io.Out, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintf(table, "NAME\tVERSION\tLICENCE\n%s", list); err != nil {
		return err
	}
	if err := table.Flush(); err != nil || !withTexts {
		return err
	}
	_, err = fmt.Fprint(c.io.Out, texts)
	return err
}

// readLicenses returns the list and the texts.
func readLicenses() (list, texts string, err error) {
	r, err := gzip.NewReader(strings.NewReader(licensesOfParts))
	if err != nil {
		return "", "", fmt.Errorf("reading the licences: %w", err)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		return "", "", fmt.Errorf("reading the licences: %w", err)
	}
	list, texts, _ = strings.Cut(string(all), "\n\n")
	return list + "\n", "\n" + texts, nil
}
