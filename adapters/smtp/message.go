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
	for _, h := range untracked {
		message.SetGenHeader(h.name, h.value)
	}
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	message.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return message
}

// untracked asks the services that send mails for others to leave links as they are:
// Postmark, Mailgun, Mandrill and SendGrid. They would replace a one-time link by one
// that leads through a server of theirs, which then knows its secret. Amazon SES reads
// an attribute of each link instead, which the layout sets.
var untracked = []struct {
	name  gomail.Header
	value string
}{
	{"X-PM-TrackLinks", "None"},
	{"X-Mailgun-Track-Clicks", "no"},
	{"X-MC-Track", "none"},
	{"X-SMTPAPI", `{"filters":{"clicktrack":{"settings":{"enable":0,"enable_text":false}}}}`},
}
