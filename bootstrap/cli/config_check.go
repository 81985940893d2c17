package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

func (c *commands) configCheckCommand() *cobra.Command {
	var strict, connect bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Report every problem of the configuration at once",
		Long: `Reports all problems of the configuration at once, and how to solve them. It names
each variable and never shows its value. It also warns of probable mistakes, such
as misspelt names and settings that have no effect. With --strict the exit code for
warnings is 2, as for problems; without it warnings do not change the exit code. A
line that begins with "note:" says what the service does not offer.

If there are no problems, --connect also asks each server, for 10 seconds at most, and
prints the answers: the database (version, encoding, rights and schema), Redis, and the
mail server (greeting, TLS and login). It changes no user, makes no database and sends
no mail. The exit code is 1 if a server does not answer, or if the service cannot work
with it. Without --connect the command connects to no server.`,
		Example: `  auth-service config check
  auth-service config check --strict --connect`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(c.io.Environment)
			c.warn(cfg)
			if err != nil {
				return err
			}
			if n := len(cfg.Warnings); strict && n > 0 {
				err = usageError{fmt.Errorf("--strict refuses the configuration for %s", countOf(n, "warning"))}
			} else {
				fmt.Fprintln(c.io.Out, "the configuration is good; users are stored in "+config.HarmlessURL(cfg.Database.URL.Reveal()))
				for _, note := range cfg.Notes {
					fmt.Fprintln(c.io.Out, "note:", note)
				}
			}
			if connect {
				err = errors.Join(err, c.askServers(cmd.Context(), cfg))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&connect, "connect", false, "also connect to the database, Redis and the mail server")
	cmd.Flags().BoolVar(&strict, "strict", false, "fail if there are warnings")
	return cmd
}

// countOf returns a number with its noun.
func countOf(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
