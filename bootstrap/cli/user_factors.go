package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (c *commands) userFactorsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "factors USER",
		Short: "List the second factors of a user",
		Long: `Lists the second factors of a user, the oldest first, and how many recovery codes are left.
USER is an id or an e-mail address. Factors that wait for their first code are not shown.`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withUser(cmd.Context(), args[0], func(ctx context.Context, u ports.UseCases, id string) error {
				result, err := u.ListUserFactors.Execute(ctx, ports.ListUserFactorsCommand{Principal: domain.Operator(), UserID: id})
				if err != nil {
					return err
				}
				return c.printFactors(result)
			})
		},
	}
}

func (c *commands) printFactors(r ports.FactorsResult) error {
	w := tabwriter.NewWriter(c.io.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTYPE\tNAME\tCREATED\tLAST USED")
	for _, f := range r.Factors {
		used := "-"
		if at := f.LastUsedAt(); !at.IsZero() {
			used = at.Format(time.RFC3339)
		}
		fmt.Fprintf(w, "%s\ttotp\t%s\t%s\t%s\n", f.ID(), f.Name(), f.CreatedAt().Format(time.RFC3339), used)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.io.Out, "recovery codes left: %d\n", r.RecoveryCodesLeft)
	return nil
}

func (c *commands) userRemoveFactorCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "remove-factor USER [FACTOR] [--all]",
		Short: "Remove a second factor of a user, or all of them",
		Long: `Removes a second factor of a user who has lost it, or all of them with --all. USER is an id or
an e-mail address, FACTOR the id that "user factors" shows. The last factor takes the recovery
codes with it, and the next login then takes the password alone. All sessions of the user end,
and the user gets a mail about it. Make sure first that the request comes from the user.

The command needs no key of DATA_ENCRYPTION_KEYS, so it works after the loss of the keys, too.`,
		Example: `  auth-service user remove-factor ada@example.com 01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13
  auth-service user remove-factor ada@example.com --all`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 2 && all:
				return usageError{errors.New("give FACTOR or --all, not both")}
			case len(args) == 1 && !all:
				return usageError{fmt.Errorf("%q needs a factor or --all; usage: %s", cmd.CommandPath(), cmd.UseLine())}
			case all:
				return exactArgs(1)(cmd, args)
			}
			return exactArgs(2)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var factor string
			removed := "all second factors and recovery codes"
			if !all {
				factor = args[1]
				removed = "the second factor " + factor
			}
			return c.withUser(cmd.Context(), args[0], func(ctx context.Context, u ports.UseCases, id string) error {
				_, err := u.RemoveUserFactors.Execute(ctx, ports.RemoveUserFactorsCommand{Principal: domain.Operator(), UserID: id, FactorID: factor})
				if err == nil {
					fmt.Fprintf(c.io.Out, "removed %s of %s; all sessions have ended\n", removed, args[0])
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "remove all second factors, and the recovery codes")
	return cmd
}
