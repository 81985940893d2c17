package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
)

// The exit codes of the command line.
const (
	exitOK     = 0
	exitFailed = 1
	// exitUsage means a wrong command line, input or configuration, which fails again
	// until it is corrected.
	exitUsage = 2
	// exitIncomplete means that the command did part of its work and reported the rest.
	exitIncomplete = 3
)

// IO is the input, the output and the environment of a command.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
	// Environment holds the variables of the configuration.
	Environment map[string]string
}

// ProcessIO returns the IO of the running process.
func ProcessIO() IO { return IO{os.Stdin, os.Stdout, os.Stderr, config.Environ()} }

// commands makes every command. They share the IO.
type commands struct{ io IO }

// usageError is a wrong command line.
type usageError struct{ error }

// Main runs the command line and returns its exit code: 0 for success, 1 for a
// failure, 2 for a wrong command line, input or configuration, 3 for partly done work.
func Main(args []string, io IO) int {
	root := (&commands{io}).root()
	root.SetArgs(args)
	root.SetIn(io.In)
	root.SetOut(io.Out)
	root.SetErr(io.Err)
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(io.Err, "error:", plainText(err))
	var usage usageError
	var problems config.Problems
	if errors.As(err, &usage) || errors.As(err, &problems) {
		return exitUsage
	}
	var incomplete incompleteError
	if errors.As(err, &incomplete) {
		return exitIncomplete
	}
	if isBadInput(err) {
		return exitUsage
	}
	return exitFailed
}

// isBadInput reports whether a use case refused what the command line or the standard
// input gave.
func isBadInput(err error) bool {
	var refusal *domain.Error
	return errors.As(err, &refusal) && (refusal.Kind == domain.KindInvalid || errors.Is(err, domain.ErrInvalidCursor))
}

// plainText returns the text of an error for the command line. For a refusal it is the
// detail without the code.
func plainText(err error) string {
	var refusal *domain.Error
	if errors.As(err, &refusal) && refusal.Kind != domain.KindUnavailable {
		return refusal.Detail
	}
	// The text for clients of the API hides the cause, so it is left out here.
	return strings.ReplaceAll(err.Error(), domain.ErrUnavailable.Error()+": ", "")
}

func (c *commands) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "auth-service",
		Short: "Signs users in by e-mail address and password",
		Long: `Auth Service signs users in by e-mail address and password.

Without a command it serves the API. Without configuration it stores users in
./data, catches mails and listens on 127.0.0.1:8000. The README lists the
environment variables that change this.

Exit codes: 0 success, 1 failure, 2 wrong command line, input or configuration,
3 partly done (import refused some rows).`,
		Version:       service.Version(),
		Args:          noArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          c.serve,
	}
	root.SetVersionTemplate(versionLine())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
	})
	root.AddCommand(c.serveCommand(), c.migrateCommand(), c.userCommand(), c.healthcheckCommand(),
		c.openAPICommand(), c.configCommand(), c.mailCommand(), c.keysCommand(), c.versionCommand(), c.licensesCommand(), c.gatewayCommand(), c.importCommand(), c.exportCommand(), c.auditCommand())
	completeCommands(root)
	return root
}

// group makes a command that does nothing except hold other commands.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var names []string
			for _, c := range commands {
				names = append(names, c.Name())
			}
			return usageError{fmt.Errorf("%q needs a command: add one of %s; see %s --help", cmd.CommandPath(), strings.Join(names, ", "), cmd.CommandPath())}
		},
	}
	g.AddCommand(commands...)
	return g
}

// noArgs refuses every argument.
func noArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return usageError{fmt.Errorf("unknown command %q for %q; see %s --help", args[0], cmd.CommandPath(), cmd.CommandPath())}
	default:
		return usageError{fmt.Errorf("%q takes no arguments, but got %q; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())}
	}
}

// exactArgs refuses any number of arguments other than n.
func exactArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("%q needs %s, but got %d; usage: %s", cmd.CommandPath(), countOf(n, "argument"), len(args), cmd.UseLine())}
		}
		return nil
	}
}

// printJSON writes a value as indented JSON.
func printJSON(out io.Writer, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	if _, err := fmt.Fprintf(out, "%s\n", text); err != nil {
		return fmt.Errorf("printing the answer: %w", err)
	}
	return nil
}
