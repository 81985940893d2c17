package cli

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

func (c *commands) configCommand() *cobra.Command {
	return group("config", "Check and show the configuration", c.configCheckCommand(), c.configShowCommand())
}

// warn prints the warnings on standard error.
func (c *commands) warn(cfg config.Config) {
	for _, warning := range cfg.Warnings {
		fmt.Fprintln(c.io.Err, "warning:", warning)
	}
}

func (c *commands) configShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show every variable, its value and the source of the value",
		Long: `Shows every variable with the value in use and its source: the environment, a
file (NAME_FILE) or the default. For a secret it shows only whether it is set; it
shows URLs without their passwords. It connects to no server.

After the list it reports the problems of the configuration, with the exit code of
"auth-service config check".`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			shown, cfg, err := config.Show(c.io.Environment)
			if asJSON {
				return errors.Join(printJSON(c.io.Out, newConfigReport(cfg, shown, err)), err)
			}
			w := tabwriter.NewWriter(c.io.Out, 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "VARIABLE\tFROM\tVALUE")
			for _, v := range shown {
				fmt.Fprintf(w, "%s\t%s\t%s\n", v.Name, v.From, v.Text())
			}
			if err := w.Flush(); err != nil {
				return fmt.Errorf("printing the variables: %w", err)
			}
			c.warn(cfg)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with problems and warnings")
	return cmd
}

// configReport is the JSON output of config show.
type configReport struct {
	Variables []config.ShownVariable `json:"variables"`
	Problems  []reportedLine         `json:"problems"`
	Warnings  []reportedLine         `json:"warnings"`
}

// reportedLine is a problem or a warning in configReport.
type reportedLine struct {
	Variable string `json:"variable"`
	Message  string `json:"message"`
}

func newConfigReport(cfg config.Config, shown []config.ShownVariable, err error) configReport {
	var problems config.Problems
	_ = errors.As(err, &problems) // there may be none
	return configReport{shown, reported(problems), reported(cfg.Warnings)}
}

func reported(problems config.Problems) []reportedLine {
	lines := make([]reportedLine, 0, len(problems))
	for _, p := range problems {
		lines = append(lines, reportedLine(p))
	}
	return lines
}
