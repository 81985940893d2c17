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

func (c *commands) userShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show USER",
		Short: "Show a user and the limits in use",
		Long: `Shows a user, the number of live sessions, and the limits that are partly or fully used.
USER is an id or an e-mail address.`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withUser(cmd.Context(), args[0], func(ctx context.Context, u ports.UseCases, id string) error {
				user, err := u.GetUser.Execute(ctx, ports.GetUserCommand{Principal: domain.Operator(), UserID: id})
				if err != nil {
					return err
				}
				live, err := u.ListUserSessions.Execute(ctx, ports.ListUserSessionsCommand{Principal: domain.Operator(), UserID: id})
				if err != nil {
					return err
				}
				limits, err := u.ListLimits.Execute(ctx, ports.ListLimitsCommand{Principal: domain.Operator(), Of: ports.LimitsOf{UserID: id}})
				if err != nil {
					return err
				}
				if err := c.printUser(user.User, len(live.Sessions)); err != nil {
					return err
				}
				return c.printLimits(limits)
			})
		},
	}
}

func (c *commands) printUser(u *domain.User, sessions int) error {
	w := tabwriter.NewWriter(c.io.Out, 0, 4, 2, ' ', 0)
	line := func(name string, value any) { fmt.Fprintf(w, "%s\t%v\n", name, value) }
	line("id", u.ID())
	line("email", u.Email())
	line("verified", u.EmailVerified())
	line("role", u.Role())
	if role := u.InvitedRole(); role != "" {
		line("invited role", role)
	}
	line("status", u.Status())
	if reason := u.DisabledReason(); reason != "" {
		line("reason", strings.Join(strings.Fields(reason), " "))
	}
	line("password", u.PasswordState())
	if u.PasswordChangeRequired() {
		line("password change", "required")
	}
	line("sessions", sessions)
	line("created", u.CreatedAt().Format(time.RFC3339))
	line("updated", u.UpdatedAt().Format(time.RFC3339))
	return w.Flush()
}

// printLimits prints the limits with a use. The other limits need no words.
func (c *commands) printLimits(r ports.LimitsResult) error {
	w := tabwriter.NewWriter(c.io.Out, 0, 4, 2, ' ', 0)
	if len(r.Limits) > 0 {
		fmt.Fprintln(w, "LIMIT\tOF\tREMAINING\tREFUSES FOR")
	}
	for _, l := range r.Limits {
		name := l.Limit
		if l.For != "" {
			name += " (" + string(l.For) + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%d of %d\t%s\n", name, l.Of, l.Remaining, l.Quota.Events, l.RetryAfter.Round(time.Second))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if r.ProcessOnly {
		fmt.Fprintln(c.io.Err, "the rate limits count in the memory of the service, which no command sees: use GET and DELETE /api/auth/admin/limits for those")
	}
	return nil
}

func (c *commands) userSessionsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sessions USER",
		Short: "List the live sessions of a user",
		Long:  "Lists the live sessions of a user, the newest login first. USER is an id or an e-mail address.",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withUser(cmd.Context(), args[0], func(ctx context.Context, u ports.UseCases, id string) error {
				live, err := u.ListUserSessions.Execute(ctx, ports.ListUserSessionsCommand{Principal: domain.Operator(), UserID: id})
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(c.io.Out, 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tCREATED\tLAST SEEN\tEXPIRES\tIP\tUSER AGENT")
				for _, s := range live.Sessions {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", s.ID(), s.CreatedAt().Format(time.RFC3339), s.LastSeenAt().Format(time.RFC3339),
						s.ExpiresAt().Format(time.RFC3339), s.Client().IP, s.Client().UserAgent)
				}
				return w.Flush()
			})
		},
	}
}

func (c *commands) userSignOutCommand() *cobra.Command {
	var session string
	cmd := &cobra.Command{
		Use:   "sign-out USER [--session ID]",
		Short: "End all sessions of a user, or one of them",
		Long:  "Ends all sessions of a user, or only that of --session. USER is an id or an e-mail address.",
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withUser(cmd.Context(), args[0], func(ctx context.Context, u ports.UseCases, id string) error {
				if session != "" {
					_, err := u.EndUserSession.Execute(ctx, ports.EndUserSessionCommand{Principal: domain.Operator(), UserID: id, SessionID: session})
					if err == nil {
						fmt.Fprintf(c.io.Out, "ended the session %s of %s\n", session, args[0])
					}
					return err
				}
				_, err := u.EndUserSessions.Execute(ctx, ports.EndUserSessionsCommand{Principal: domain.Operator(), UserID: id})
				if err == nil {
					fmt.Fprintf(c.io.Out, "ended all sessions of %s\n", args[0])
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&session, "session", "", "end only the session with this `id`")
	return cmd
}

func (c *commands) userAuditCommand() *cobra.Command {
	var q ports.ListAuditCommand
	cmd := &cobra.Command{
		Use:   "audit USER",
		Short: "List the events about a user, the newest first",
		Long: `Lists the events about a user, the newest first. USER is an id or an e-mail address; the id
of a deleted user works, too. If there are more, it prints the flag for the next page on
standard error.

Each mail to the user is there: mail_requested, and then mail_sent, mail_delayed (it waits for
the next attempt), mail_refused, mail_expired or mail_withdrawn (it had lost its use). DETAIL
is the kind of mail, and REASON what the mail server answered.`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if q.Limit < 1 || q.Limit > 200 {
				return usageError{errors.New("--limit must be between 1 and 200")}
			}
			return c.withUser(cmd.Context(), args[0], func(ctx context.Context, u ports.UseCases, id string) error {
				q.Principal, q.SubjectID = domain.Operator(), id
				page, err := u.ListAudit.Execute(ctx, q)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(c.io.Out, 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "TIME\tEVENT\tDETAIL\tBY\tIP\tREASON")
				for _, e := range page.Events {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", e.At.Format(time.RFC3339), e.Type, e.Detail, actorWord(e), e.Client.IP,
						strings.Join(strings.Fields(e.Reason), " "))
				}
				if err := w.Flush(); err != nil {
					return err
				}
				if page.NextCursor != "" {
					fmt.Fprintf(c.io.Err, "there are more: add --cursor %s\n", page.NextCursor)
				}
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&q.Limit, "limit", 50, "`number` of events, 1 to 200")
	cmd.Flags().StringVar(&q.Cursor, "cursor", "", "continue after the page that printed this `cursor`")
	cmd.Flags().StringVar(&q.Type, "type", "", "only this `type` of event, such as login_refused")
	return cmd
}

// actorWord returns the actor of an event in words.
func actorWord(e domain.Event) string {
	switch {
	case e.ByOperator:
		return "operator"
	case e.ActorID.IsZero():
		return "-"
	case e.ActorID == e.SubjectID:
		return "user"
	}
	return e.ActorID.String()
}

func (c *commands) userUnlockCommand() *cobra.Command {
	var network string
	cmd := &cobra.Command{
		Use:   "unlock [USER|ADDRESS] [--network IP]",
		Short: "Lift the limits of a user, an address or a network",
		Long: `Lifts the rate limits of a user, of an address without an account, or of a network, and ends
a lock by wrong passwords or wrong codes in a row. All replicas apply this within seconds. It
prints the limits as they were.

On SQLite without Redis the service counts rate limits in its memory, so this command ends
such locks only; DELETE /api/auth/admin/limits lifts the limits.`,
		Example: `  auth-service user unlock ada@example.com
  auth-service user unlock --network 203.0.113.7`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 0 && network == "" {
				return usageError{fmt.Errorf("%q needs a user, an address or --network; usage: %s", cmd.CommandPath(), cmd.UseLine())}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of := ports.LimitsOf{Network: network}
			switch {
			case len(args) == 0:
			case strings.Contains(args[0], "@"):
				if err := checkUser(args[0]); err != nil {
					return err
				}
				of.Email = args[0]
			default:
				of.UserID = args[0]
			}
			return c.withExistingUseCases(cmd.Context(), func(ctx context.Context, u ports.UseCases) error {
				before, err := u.LiftLimits.Execute(ctx, ports.LiftLimitsCommand{Principal: domain.Operator(), Of: of})
				if err != nil {
					return err
				}
				fmt.Fprintf(c.io.Out, "lifted the limits of %s; in use before: %d\n", strings.Join(append(args, nonEmpty(network)...), " and "), len(before.Limits))
				return c.printLimits(before)
			})
		},
	}
	cmd.Flags().StringVar(&network, "network", "", "lift the limits of the network of this `IP` address")
	return cmd
}

// nonEmpty returns text as a list, which is empty for an empty text.
func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func (c *commands) userRequirePasswordChangeCommand() *cobra.Command {
	var lift bool
	cmd := &cobra.Command{
		Use:   "require-password-change USER [--lift]",
		Short: "Require a new password at the next login of a user",
		Long: `Ends all sessions of a user, and requires a new password at the next login. USER is an id or
an e-mail address. --lift withdraws the requirement.

The first person who signs in with the present password chooses the next one. If the password
has leaked, end it instead, with user set-email USER ADDRESS --recover and the present address:
the owner then gets a mail to choose another one.`,
		Example: "  auth-service user require-password-change ada@example.com",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			required, also := !lift, "the next login has to replace the password; all sessions have ended"
			if lift {
				also = "the password may stay as it is"
			}
			return c.changeUser(cmd.Context(), args[0], ports.ChangeUserCommand{PasswordChangeRequired: &required}, also)
		},
	}
	cmd.Flags().BoolVar(&lift, "lift", false, "withdraw the requirement")
	return cmd
}

// mailsOnRequest lists the mails that staff may send again.
func mailsOnRequest() []string {
	return []string{string(domain.MailVerifyEmail), string(domain.MailInvitation), string(domain.MailResetPassword)}
}

func (c *commands) userSendMailCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "send-mail USER MAIL",
		Short: "Send a user a verification, invitation or reset mail again",
		Long: `Sends a user a mail with a new link; the links of earlier mails still work. USER is an id or
an e-mail address, MAIL is verify_email, invitation or reset_password. The running service
sends the mail.`,
		Example: "  auth-service user send-mail grace@example.com invitation",
		Args:    exactArgs(2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return mailsOnRequest(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !domain.MailKind(args[1]).OnRequest() {
				return usageError{errors.New("MAIL must be verify_email, invitation or reset_password")}
			}
			return c.withUser(cmd.Context(), args[0], func(ctx context.Context, u ports.UseCases, id string) error {
				_, err := u.SendUserMail.Execute(ctx, ports.SendUserMailCommand{Principal: domain.Operator(), UserID: id, Mail: args[1]})
				if err == nil {
					fmt.Fprintf(c.io.Out, "the mail %s to %s is on its way\n", args[1], args[0])
				}
				return err
			})
		},
	}
}
