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
		Short: "Delete a user for good, with all sessions",
		Long: `Deletes a user for good, with all sessions and tokens. USER is an id or an e-mail
address. The audit log keeps what happened, by the id.

At a terminal it asks first; elsewhere --yes is needed.`,
		Example: "  auth-service user delete former@example.com",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.needConfirmed(yes, "Delete "+args[0]+" for good? [y/N] ", "nothing was deleted"); err != nil {
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
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// needConfirmed asks a person, unless yes says that it is meant. Errors: nobody can be
// asked, or the answer is no; then the text of refused.
func (c *commands) needConfirmed(yes bool, question, refused string) error {
	switch {
	case yes:
		return nil
	case !c.atTerminal():
		return usageError{errors.New("nobody can be asked here whether that is meant: add --yes")}
	case !c.confirm(question):
		return errors.New(refused)
	default:
		return nil
	}
}

// atTerminal tells whether a person can be asked.
func (c *commands) atTerminal() bool {
	in, isFile := c.io.In.(*os.File)
	return isFile && term.IsTerminal(int(in.Fd()))
}

// confirm asks a person; only yes is yes.
func (c *commands) confirm(question string) bool {
	fmt.Fprint(c.io.Err, question)
	line, err := bufio.NewReader(io.LimitReader(c.io.In, 1<<10)).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	return (err == nil || errors.Is(err, io.EOF)) && (answer == "y" || answer == "yes")
}
