package smtp

import (
	"crypto/rand"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/seed543b3b27/auth-service/ports"
)

// message addresses a rendered mail to exactly one recipient. The addresses are
// already parsed, so that go-mail does not parse them by other rules.
func (s *Sender) message(m ports.CaughtMail) *gomail.Msg {
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(s.from)
	message.EnvelopeFromMailAddress(&mail.Address{Address: s.from.Address})
	message.ToMailAddress(&mail.Address{Address: m.To})
	message.Subject(m.Subject)
	message.SetDateWithValue(m.At)
	_, host, _ := strings.Cut(s.from.Address, "@")
	message.SetMessageIDWithValue(rand.Text() + "@" + host)
	// Keeps vacation responders and mailing lists silent (RFC 3834 section 5).
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	message.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return message
}
