package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (c *commands) userSetEmailCommand() *cobra.Command {
	var unverified, recovers bool
	cmd := &cobra.Command{
		Use:   "set-email USER ADDRESS [--unverified] [--recover]",
		Short: "Move a user to another e-mail address",
		Long: `Moves a user to another e-mail address. USER is an id or the present address.

All sessions and links in mails end; the password stays. If the former address was
verified, it gets a mail that can undo the change for 72 hours, and no other account can
take it in that time. The new address gets a mail, too.

The new address counts as verified. With the present address as ADDRESS, the command
marks it as verified. With --unverified the service mails the user to confirm the
address. A role above user needs a verified address: with --unverified it comes with an
invitation to the new address, and the account loses its password.

--recover gives a stolen account back to its owner: the password ends, only the new
address can undo changes, and the new address gets a mail to choose a password.`,
		Example: `  auth-service user set-email ada@example.com ada@example.org
  auth-service user set-email 01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10 ada@example.com --recover`,
		Args: exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := domain.ParseNewEmail(args[1]); err != nil {
				return usageError{fmt.Errorf("ADDRESS is not valid: %s", plainText(err))}
			}
			return c.changeUser(cmd.Context(), args[0], ports.ChangeUserCommand{Email: &args[1], EmailVerified: !unverified, Recover: recovers}, "")
		},
	}
	cmd.Flags().BoolVar(&unverified, "unverified", false, "the new address is not verified: mail the user to confirm it")
	cmd.Flags().BoolVar(&recovers, "recover", false, "give a stolen account back: end the password, and let no other address undo the change")
	return cmd
}
