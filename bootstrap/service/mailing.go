package service

import (
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/smtp"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// mailing is the module of mails. They are sent by SMTP, or caught without SMTP_HOST.
func mailing() fx.Option {
	return fx.Module("mailing", fx.Provide(newRenderer, newMailer))
}

// caught is the mailbox of caught mails and the key to read it. The zero value means that
// mails are sent.
type caught struct {
	box ports.Mailbox
	key domain.Secret
}

func newRenderer(cfg config.Config, clock ports.Clock) (*smtp.Renderer, error) {
	return smtp.NewRenderer(cfg.Links(), clock)
}

// mailRefusals returns how many attempts the mail server has refused, and its last
// answer if that was a refusal.
type mailRefusals func() (total uint64, last string)

func newMailer(cfg config.Config, spans traces, renderer *smtp.Renderer, random ports.Random, out Console) (ports.Mailer, caught, mailRefusals, error) {
	if !cfg.Local.Mailbox {
		sender, err := smtp.NewSender(cfg.SMTP(), renderer, config.MailVariable)
		if err != nil {
			return nil, caught{}, nil, err
		}
		return spans.Tracing.Mailer(sender, cfg.Mail.Host, cfg.Mail.Port), caught{}, sender.Refused, nil
	}
	mailbox := smtp.NewMailbox(renderer, func(mail ports.CaughtMail) { writeMail(out, mail) })
	key := cfg.Mail.MailboxKey
	if key.IsEmpty() {
		// A part of a secret is enough for one process on one machine, and the address
		// of the mailbox fits into one line.
		key = domain.NewSecret(random.Secret().Reveal()[:mailboxKeyLength])
	}
	return spans.Tracing.Mailer(mailbox, "", 0), caught{box: mailbox, key: key}, func() (uint64, string) { return 0, "" }, nil
}

// mailboxKeyLength, in characters of six bits, makes 132 bits.
const mailboxKeyLength = 22
