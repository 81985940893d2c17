package bootstrap

import (
	"fmt"
	"io"

	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/smtp"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Mailing is the module of mails: sent by SMTP, or caught where there is no
// SMTP_HOST.
func Mailing() fx.Option {
	return fx.Module("mailing", fx.Provide(newRenderer, newMailer))
}

// console is where the service talks to whoever started it by hand.
type console struct{ io.Writer }

// caught is the mailbox of caught mails with the key to look at it; the zero
// value means that mails are really sent.
type caught struct {
	box ports.Mailbox
	key domain.Secret
}

func newRenderer(cfg Config, clock ports.Clock) (*smtp.Renderer, error) {
	return smtp.NewRenderer(cfg.linkOptions(), clock)
}

func (c *Config) linkOptions() smtp.Options {
	return smtp.Options{
		ProductName: c.Mail.ProductName,
		PublicURL:   c.HTTP.PublicURL,
		VerifyURL:   c.Mail.VerifyURL,
		ResetURL:    c.Mail.ResetURL,
	}
}

func newMailer(cfg Config, renderer *smtp.Renderer, random ports.Random, out console) (ports.Mailer, caught, error) {
	if !cfg.Local.Mailbox {
		sender, err := smtp.NewSender(cfg.smtpConfig(), renderer)
		return sender, caught{}, err
	}
	mailbox := smtp.NewMailbox(renderer, func(mail ports.CaughtMail) {
		fmt.Fprintf(out, "\n  mail for %s: %s\n", mail.To, mail.Subject)
		if mail.Link != "" {
			fmt.Fprintf(out, "    %s\n", mail.Link)
		}
	})
	return mailbox, caught{box: mailbox, key: random.Secret()}, nil
}

func (c *Config) smtpConfig() smtp.Config {
	return smtp.Config{
		Host:     c.Mail.Host,
		Port:     c.Mail.Port,
		Username: c.Mail.Username,
		Password: c.Mail.Password,
		TLS:      c.Mail.TLS,
		CAFile:   c.Mail.CAFile,
		From:     c.Mail.From,
	}
}
