package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (c *commands) userCommand() *cobra.Command {
	return group("user", "Create, list and change users",
		c.userCreateCommand(), c.userListCommand(), c.userSetRoleCommand(), c.userSetEmailCommand(), c.userSetMetadataCommand(),
		c.userDisableCommand(), c.userEnableCommand(), c.userDeleteCommand(),
		c.userShowCommand(), c.userSessionsCommand(), c.userSignOutCommand(), c.userAuditCommand(),
		c.userUnlockCommand(), c.userRequirePasswordChangeCommand(), c.userSendMailCommand(),
		c.userFactorsCommand(), c.userRemoveFactorCommand())
}

func (c *commands) userCreateCommand() *cobra.Command {
	var email, role, passwordFile string
	var unverified bool
	cmd := &cobra.Command{
		Use:   "create --email ADDRESS [--role user|support|admin]",
		Short: "Create a user with a password",
		Long: `Creates a user with a password. It asks for the password at the terminal, or reads
it from the first line of standard input or of a file. It does not take the password
as an argument, because other processes can read arguments.

The address counts as verified. With --unverified the service sends the user a mail
to confirm it. A role above user needs a verified address: with --unverified the service
mails an invitation instead, the user chooses the password by its link, and the command
asks for none.

If an account has the address and never verified it, the command takes this account over:
its password, sessions and links in mails end.

On SQLite the command creates a missing database, and reports this.`,
		Example: `  auth-service user create --email admin@example.com --role admin
  auth-service user create --email admin@example.com --role admin --password-file /run/secrets/admin`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkCreation(email, role); err != nil {
				return err
			}
			invites := unverified && domain.KnownRole(role).AboveUser()
			if invites && passwordFile != "" {
				return usageError{errors.New("--password-file does not go with --unverified and a role above user: the user chooses the password by the invitation")}
			}
			var password domain.Secret
			if !invites {
				var err error
				if password, err = c.readPassword(passwordFile); err != nil {
					return err
				}
			}
			return c.withUseCases(cmd.Context(), func(ctx context.Context, u ports.UseCases) error {
				result, err := u.CreateUser.Execute(ctx, ports.CreateUserCommand{
					Principal: domain.Operator(), Email: email, Role: role, Password: password, Verified: !unverified,
				})
				if err != nil {
					return err
				}
				fmt.Fprintf(c.io.Out, "created %s (%s) with id %s\n", result.User.Email(), result.User.Role(), result.User.ID())
				c.tellInvited(result.User)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&email, "email", "", "e-mail `address` (required)")
	cmd.Flags().StringVar(&role, "role", "user", "`role`: user, support or admin")
	cmd.Flags().BoolVar(&unverified, "unverified", false, "the address is not verified: mail the user to confirm it")
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "read the password from the first line of this `file`")
	offer(cmd, "role", roles()...)
	return cmd
}

// checkCreation refuses flags with values that cannot be good.
func checkCreation(email, role string) error {
	if email == "" {
		return usageError{errors.New("--email is missing: give the address of the user")}
	}
	if _, err := domain.ParseNewEmail(email); err != nil {
		return usageError{fmt.Errorf("--email is not valid: %s", plainText(err))}
	}
	if _, err := domain.ParseRole(role); err != nil {
		return usageError{errors.New("--role must be user, support or admin")}
	}
	return nil
}

func (c *commands) userListCommand() *cobra.Command {
	var q ports.ListUsersCommand
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List users, the newest first",
		Long: `Lists users, the newest first. If there are more, it prints the flag for the next page
on standard error; a page after the first may be short. It refuses filters that would
read more than 10,000 users: give a longer prefix, or fewer filters.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkListing(q); err != nil {
				return err
			}
			return c.withExistingUseCases(cmd.Context(), func(ctx context.Context, u ports.UseCases) error {
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
	cmd.Flags().StringVar(&q.Cursor, "cursor", "", "continue after the page that printed this `cursor`")
	cmd.Flags().StringVar(&q.EmailPrefix, "email", "", "only addresses that begin with this `prefix`")
	cmd.Flags().StringVar(&q.EmailDomain, "domain", "", "only addresses with this `domain` after the @")
	cmd.Flags().StringVar(&q.EmailPart, "contains", "", "only addresses that contain this `part`, at least 3 characters")
	cmd.Flags().StringVar(&q.Role, "role", "", "only this `role`: user, support or admin")
	cmd.Flags().StringVar(&q.Status, "status", "", "only this `status`: active or disabled")
	offer(cmd, "role", roles()...)
	offer(cmd, "status", statuses()...)
	return cmd
}

// checkListing refuses flags with values that do not exist.
func checkListing(q ports.ListUsersCommand) error {
	if q.Limit < 1 || q.Limit > 200 {
		return usageError{errors.New("--limit must be between 1 and 200")}
	}
	if _, err := domain.ParseRole(q.Role); q.Role != "" && err != nil {
		return usageError{errors.New("--role must be user, support or admin")}
	}
	if _, err := domain.ParseStatus(q.Status); q.Status != "" && err != nil {
		return usageError{errors.New("--status must be active or disabled")}
	}
	return nil
}

func (c *commands) userSetRoleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "set-role USER ROLE",
		Short: "Give a user the role user, support or admin",
		Long: `Gives a user a role. USER is an id or an e-mail address, ROLE is user, support or
admin. Support reads everything. For users of the role user, it ends sessions, sends
mails again and lifts limits. Give the role support only after the last replica of an
earlier release has stopped, because those treat it as user.

If the address is not verified, a role above user comes with an invitation by mail: the
account loses its password and its sessions, and the user gets the role by accepting the
invitation within 72 hours. Each run of the command sends the invitation again.`,
		Example: "  auth-service user set-role admin@example.com admin",
		Args:    exactArgs(2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return roles(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := domain.ParseRole(args[1]); err != nil {
				return usageError{errors.New("ROLE must be user, support or admin")}
			}
			return c.changeUser(cmd.Context(), args[0], ports.ChangeUserCommand{Role: &args[1]}, "")
		},
	}
}

func (c *commands) userDisableCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "disable USER [--reason TEXT]",
		Short: "Disable a user and end all sessions",
		Long: `Disables a user and ends all their sessions. USER is an id or an e-mail address.

Staff see the reason with the user and in the audit log. The user does not see it, and no
mail contains it.`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			value := domain.StatusDisabled.String()
			return c.changeUser(cmd.Context(), args[0], ports.ChangeUserCommand{Status: &value, Reason: reason}, "all sessions have ended")
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`text` for staff, at most 500 characters")
	return cmd
}

func (c *commands) userEnableCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "enable USER",
		Short: "Enable a disabled user",
		Long:  "Enables a disabled user. USER is an id or an e-mail address.",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			value := domain.StatusActive.String()
			return c.changeUser(cmd.Context(), args[0], ports.ChangeUserCommand{Status: &value}, "")
		},
	}
}

// changeUser changes a user, and prints the state and what else the change did.
func (c *commands) changeUser(ctx context.Context, who string, change ports.ChangeUserCommand, also string) error {
	return c.withUser(ctx, who, func(ctx context.Context, u ports.UseCases, id string) error {
		change.Principal, change.UserID = domain.Operator(), id
		result, err := u.ChangeUser.Execute(ctx, change)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.io.Out, "%s is now %s, %s\n", result.User.Email(), result.User.Role(), result.User.Status())
		if change.Email != nil {
			fmt.Fprintf(c.io.Out, "the address is %s\n", verifiedWord(result.User))
		}
		if also != "" {
			fmt.Fprintln(c.io.Out, also)
		}
		c.tellInvited(result.User)
		return nil
	})
}

// verifiedWord returns whether the address is verified, in words.
func verifiedWord(u *domain.User) string {
	if u.EmailVerified() {
		return "verified"
	}
	return "not verified"
}

// withUser runs f with the use cases and the id of an existing user.
func (c *commands) withUser(ctx context.Context, who string, f func(ctx context.Context, u ports.UseCases, id string) error) error {
	if err := checkUser(who); err != nil {
		return err
	}
	return c.withExistingUseCases(ctx, func(ctx context.Context, u ports.UseCases) error {
		id, err := findUser(ctx, u, who)
		if err != nil {
			return err
		}
		return f(ctx, u, id)
	})
}

// tellInvited prints what has to happen until an invited user has the role.
func (c *commands) tellInvited(u *domain.User) {
	if role := u.InvitedRole(); role != "" {
		fmt.Fprintf(c.io.Out, "the address is not verified: %s becomes %s by accepting the invitation that was mailed, within 72 hours\n", u.Email(), role)
	}
}

// checkUser refuses an address that is not valid before a database is opened.
func checkUser(who string) error {
	if _, err := domain.ParseEmail(who); err != nil && strings.Contains(who, "@") {
		return usageError{fmt.Errorf("USER is not valid: %s", plainText(err))}
	}
	return nil
}

// findUser returns the id of a user by id or address.
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
	// An address sorts before all longer addresses that begin with it.
	if len(page.Users) == 0 || page.Users[0].Email() != email {
		return "", domain.ErrUserNotFound
	}
	return page.Users[0].ID().String(), nil
}
