package bootstrap

import (
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

func newMailer(cfg Config, spans traces, renderer *smtp.Renderer, random ports.Random, out console) (ports.Mailer, caught, error) {
	if !cfg.Local.Mailbox {
		sender, err := smtp.NewSender(cfg.smtpConfig(), renderer)
		return spans.Tracing.Mailer(sender, cfg.Mail.Host, cfg.Mail.Port), caught{}, err
	}
	mailbox := smtp.NewMailbox(renderer, func(mail ports.CaughtMail) { writeMail(out, mail) })
	// A part of a secret is plenty for one process on one machine, and its
	// address stays in one line.
	key := domain.NewSecret(random.Secret().Reveal()[:mailboxKeyLength])
	return spans.Tracing.Mailer(mailbox, "", 0), caught{box: mailbox, key: key}, nil
}

// mailboxKeyLength, in characters of six bits, makes 132 bits.
const mailboxKeyLength = 22

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
