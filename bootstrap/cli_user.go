package bootstrap

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (c *cli) userCommand() *cobra.Command {
	return group("user", "Create, list and change users",
		c.userCreateCommand(), c.userListCommand(), c.userSetRoleCommand(),
		c.userStatusCommand("disable", "Disable a user and end all sessions", domain.StatusDisabled),
		c.userStatusCommand("enable", "Enable a disabled user", domain.StatusActive))
}

func (c *cli) userCreateCommand() *cobra.Command {
	var email, role, passwordFile string
	var unverified bool
	cmd := &cobra.Command{
		Use:   "create --email ADDRESS [--role user|admin]",
		Short: "Create a user with a password",
		Long: `Creates a user with a password. The password is asked for at the terminal, or
read from standard input (its first line) or from a file; never from an argument,
which other processes could read.

The address counts as verified unless --unverified is given; then the user gets a
mail to confirm it as soon as the service runs.`,
		Example: `  auth-service user create --email admin@example.com --role admin
  auth-service user create --email admin@example.com --role admin --password-file /run/secrets/admin`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if email == "" {
				return usageError{errors.New("--email is missing; whose account is it?")}
			}
			password, err := c.readPassword(passwordFile)
			if err != nil {
				return err
			}
			return c.withUseCases(cmd.Context(), func(ctx context.Context, u ports.UseCases) error {
				result, err := u.CreateUser.Execute(ctx, ports.CreateUserCommand{
					Principal: domain.Operator(), Email: email, Role: role, Password: password, Verified: !unverified,
				})
				if err != nil {
					return err
				}
				fmt.Fprintf(c.io.Out, "created %s (%s) with id %s\n", result.User.Email(), result.User.Role(), result.User.ID())
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&email, "email", "", "e-mail `address` (required)")
	cmd.Flags().StringVar(&role, "role", "user", "`role`: user or admin")
	cmd.Flags().BoolVar(&unverified, "unverified", false, "mail the user to confirm the address first")
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "read the password from the first line of this `file`")
	return cmd
}

// readPassword reads a password from a file, the terminal or standard input.
func (c *cli) readPassword(file string) (domain.Secret, error) {
	if file != "" {
		f, err := os.Open(file) //nolint:gosec // reading the file the operator named is the purpose
		if err != nil {
			return domain.Secret{}, fmt.Errorf("reading the password file: %w", err)
		}
		defer f.Close() //nolint:errcheck // it was only read
		return firstLine(f)
	}
	in, isFile := c.io.In.(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) {
		return firstLine(c.io.In)
	}
	first, err := c.prompt(in, "Password: ")
	if err != nil {
		return domain.Secret{}, err
	}
	again, err := c.prompt(in, "Again: ")
	if err != nil {
		return domain.Secret{}, err
	}
	if !first.Equal(again) {
		return domain.Secret{}, usageError{errors.New("the two passwords differ; try again")}
	}
	return first, nil
}

func (c *cli) prompt(in *os.File, text string) (domain.Secret, error) {
	fmt.Fprint(c.io.Err, text)
	typed, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(c.io.Err)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the password: %w", err)
	}
	return domain.NewSecret(string(typed)), nil
}

// firstLine reads a password from the first line of r. Errors: a usage error if
// it is empty.
func firstLine(r io.Reader) (domain.Secret, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return domain.Secret{}, fmt.Errorf("reading the password: %w", err)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return domain.Secret{}, usageError{errors.New("the password is empty; give it on the first line of standard input or with --password-file")}
	}
	return domain.NewSecret(line), nil
}

func (c *cli) userListCommand() *cobra.Command {
	var q ports.ListUsersCommand
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List users, the newest first",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withUseCases(cmd.Context(), func(ctx context.Context, u ports.UseCases) error {
				q.Principal = domain.Operator()
				page, err := u.ListUsers.Execute(ctx, q)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(c.io.Out, 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tEMAIL\tROLE\tSTATUS\tVERIFIED\tCREATED")
				for _, user := range page.Users {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%t\t%s\n", user.ID(), user.Email(), user.Role(),
						user.Status(), user.EmailVerified(), user.CreatedAt().Format(time.RFC3339))
				}
				if err := w.Flush(); err != nil {
					return fmt.Errorf("printing the users: %w", err)
				}
				if page.NextCursor != "" {
					fmt.Fprintf(c.io.Err, "there are more: add --cursor %s\n", page.NextCursor)
				}
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&q.Limit, "limit", 50, "`number` of users, 1 to 200")
	cmd.Flags().StringVar(&q.Cursor, "cursor", "", "continue after the page that gave this `cursor`")
	cmd.Flags().StringVar(&q.EmailPrefix, "email", "", "only addresses that begin with this `prefix`")
	cmd.Flags().StringVar(&q.Role, "role", "", "only this `role`: user or admin")
	cmd.Flags().StringVar(&q.Status, "status", "", "only this `status`: active or disabled")
	return cmd
}

func (c *cli) userSetRoleCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "set-role USER ROLE",
		Short:   "Give a user the role user or admin",
		Long:    "Gives a user a role. USER is an id or an e-mail address, ROLE is user or admin.",
		Example: "  auth-service user set-role admin@example.com admin",
		Args:    exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.changeUser(cmd.Context(), args[0], ports.ChangeUserCommand{Role: &args[1]})
		},
	}
}

func (c *cli) userStatusCommand(use, short string, status domain.Status) *cobra.Command {
	return &cobra.Command{
		Use:   use + " USER",
		Short: short,
		Long:  short + ". USER is an id or an e-mail address.",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			value := status.String()
			return c.changeUser(cmd.Context(), args[0], ports.ChangeUserCommand{Status: &value})
		},
	}
}

func (c *cli) changeUser(ctx context.Context, who string, change ports.ChangeUserCommand) error {
	return c.withUseCases(ctx, func(ctx context.Context, u ports.UseCases) error {
		id, err := findUser(ctx, u, who)
		if err != nil {
			return err
		}
		change.Principal, change.UserID = domain.Operator(), id
		result, err := u.ChangeUser.Execute(ctx, change)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.io.Out, "%s is now %s, %s\n", result.User.Email(), result.User.Role(), result.User.Status())
		return nil
	})
}

// findUser returns the id of a user given by id or address.
func findUser(ctx context.Context, u ports.UseCases, who string) (string, error) {
	if !strings.Contains(who, "@") {
		return who, nil
	}
	email, err := domain.ParseEmail(who)
	if err != nil {
		return "", err
	}
	page, err := u.ListUsers.Execute(ctx, ports.ListUsersCommand{
		Principal: domain.Operator(), EmailPrefix: email.String(), Sort: string(ports.EmailUp), Limit: 1,
	})
	if err != nil {
		return "", err
	}
	// The address itself sorts before every longer one that begins with it.
	if len(page.Users) == 0 || page.Users[0].Email() != email {
		return "", domain.ErrUserNotFound
	}
	return page.Users[0].ID().String(), nil
}
