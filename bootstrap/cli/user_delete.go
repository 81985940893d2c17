package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (c *commands) userDeleteCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete USER [--yes]",
		Short: "Delete a user permanently, with all sessions",
		Long: `Deletes a user permanently, with all sessions and tokens. USER is an id or an e-mail
address. The audit log keeps the events of the user under the id.

At a terminal it asks for confirmation. Elsewhere it needs --yes.`,
		Example: "  auth-service user delete former@example.com",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkUser(args[0]); err != nil {
				return err
			}
			if err := c.needConfirmed(yes, "Delete "+args[0]+" permanently? [y/N] ", "nothing was deleted"); err != nil {
				return err
			}
			return c.withExistingUseCases(cmd.Context(), func(ctx context.Context, u ports.UseCases) error {
				id, err := findUser(ctx, u, args[0])
				if err != nil {
					return err
				}
				if _, err := u.DeleteUser.Execute(ctx, ports.DeleteUserCommand{Principal: domain.Operator(), UserID: id}); err != nil {
					return err
				}
				fmt.Fprintf(c.io.Out, "deleted %s\n", args[0])
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask for confirmation")
	return cmd
}
