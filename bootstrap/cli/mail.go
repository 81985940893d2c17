package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
)

func (c *commands) mailCommand() *cobra.Command {
	return group("mail", "Test the mail server", c.mailTestCommand())
}

func (c *commands) mailTestCommand() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "test --to ADDRESS",
		Short: "Send one mail and print the mail server's answer",
		Long: `Sends one mail to an address through the configured mail server (SMTP_HOST), at once and
without the queue, and prints the server's answer. A mail that the server accepts can
still be lost on its way: look into the mailbox, its spam folder, and the mail server's
log, under the name in its answer.

The mail says that it is a test. It has no link. The command needs no database.`,
		Example: "  auth-service mail test --to ada@example.com",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usageError{errors.New("--to is required: the address to send the mail to")}
			}
			address, err := domain.ParseEmail(to)
			if err != nil {
				return usageError{fmt.Errorf("--to is not valid: %s", plainText(err))}
			}
			cfg, err := config.Load(c.io.Environment)
			if err != nil {
				return err
			}
			if cfg.Mail.Host == "" {
				return config.ProblemWith("SMTP_HOST", errors.New("is not set, so the service catches mails and sends none: set it to your mail server"))
			}
			return c.mailTest(cmd.Context(), cfg, address)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "`address` to send the mail to (required)")
	return cmd
}

func (c *commands) mailTest(ctx context.Context, cfg config.Config, to domain.Email) error {
	sender, err := newSender(cfg)
	if err != nil {
		return err
	}
	hide := hiding(cfg)
	answer, err := sender.SendTest(ctx, to)
	if err != nil {
		return errors.New(hide.Replace(askFailure(err)))
	}
	server := net.JoinHostPort(cfg.Mail.Host, strconv.Itoa(cfg.Mail.Port))
	fmt.Fprintf(c.io.Out, "%s took the mail to %s: %s\n", server, to, hide.Replace(answer))
	return nil
}
