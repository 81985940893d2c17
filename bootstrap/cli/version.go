package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/bootstrap/service"
)

// versionLine returns the version for a person to read.
func versionLine() string {
	b := service.ThisBuild()
	return fmt.Sprintf("auth-service %s (%s %s/%s)\n", b.Version, b.Go, b.OS, b.Arch)
}

func (c *commands) versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `Prints the version. With --json it prints the version, revision, date, dirty (built
from changed sources), go, os and arch of the build.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return printJSON(c.io.Out, service.ThisBuild())
			}
			_, err := fmt.Fprint(c.io.Out, versionLine())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with revision and date")
	return cmd
}
