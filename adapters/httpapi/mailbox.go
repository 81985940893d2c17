package httpapi

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/adapters/internal/site"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// mailboxPolicy is the Content-Security-Policy of the page of caught mails. The
// frames that show them inherit it, so mails cannot run or load anything either.
const mailboxPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// mailBody is a caught mail for programs.
type mailBody struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Link    string    `json:"link,omitempty"`
}

type mailsBody struct {
	Mails []mailBody `json:"mails"`
}

// framedMail is a caught mail for people.
type framedMail struct{ ports.CaughtMail }

// Framed is the mail's HTML for a frame of its own, in which links open outside.
func (m framedMail) Framed() string { return `<base target="_blank">` + m.HTML }

// mailboxRoutes serves caught mails if the service catches mails. Mails hold working
// tokens, so a request needs the random key that was printed at the start, and its
// host must be that of the public URL, localhost or a loopback address, with any port.
// A web site whose name resolves to this machine (DNS rebinding) sends its own
// name as the host and is refused; it cannot use localhost (RFC 6761 section 6.3).
func (s *Server) mailboxRoutes() error {
	if s.config.Mailbox == nil {
		return nil
	}
	page, err := template.ParseFS(web, "web/mailbox.html")
	if err != nil {
		return fmt.Errorf("parsing the page of caught mails: %w", err)
	}
	s.engine.Get(MailboxPage, func(x *edge.Exchange) {
		key := domain.NewSecret(x.Query("key"))
		host := x.Host()
		ours := strings.EqualFold(host, s.public.Host) || site.IsLoopback(site.Hostname(host))
		if !ours || !key.Equal(s.config.MailboxKey) {
			s.refuse(x, domain.ErrNotFound)
			return
		}
		mails := s.config.Mailbox.Mails()
		if strings.Contains(x.Header("Accept"), contentTypeJSON) {
			x.SetContentType(contentTypeJSON)
			s.encode(x, mailsOf(mails))
			return
		}
		framed := make([]framedMail, 0, len(mails))
		for _, m := range mails {
			framed = append(framed, framedMail{m})
		}
		x.SetContentType("text/html; charset=utf-8")
		x.SetPolicy(mailboxPolicy)
		if err := page.Execute(x, framed); err != nil {
			s.refuse(x, fmt.Errorf("rendering the page of caught mails: %w", err))
		}
	})
	return nil
}

func mailsOf(mails []ports.CaughtMail) mailsBody {
	body := mailsBody{Mails: make([]mailBody, 0, len(mails))}
	for _, m := range mails {
		body.Mails = append(body.Mails, mailBody{
			At: m.At.UTC(), Kind: string(m.Kind), To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Link: m.Link,
		})
	}
	return body
}
