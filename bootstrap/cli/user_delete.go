package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

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

// needConfirmed asks for a confirmation at the terminal, unless yes is set. Errors: a
// usage error without a terminal; refused if the answer is not yes.
func (c *commands) needConfirmed(yes bool, question, refused string) error {
	switch {
	case yes:
		return nil
	case !c.atTerminal():
		return usageError{errors.New("this needs a confirmation, and there is no terminal to ask: add --yes")}
	case !c.confirm(question):
		return errors.New(refused)
	default:
		return nil
	}
}

// atTerminal reports whether standard input is a terminal.
func (c *commands) atTerminal() bool {
	in, isFile := c.io.In.(*os.File)
	return isFile && term.IsTerminal(int(in.Fd()))
}

// confirm prints a question and reports whether the answer is y or yes.
func (c *commands) confirm(question string) bool {
	fmt.Fprint(c.io.Err, question)
	line, err := bufio.NewReader(io.LimitReader(c.io.In, 1<<10)).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	return (err == nil || errors.Is(err, io.EOF)) && (answer == "y" || answer == "yes")
}
