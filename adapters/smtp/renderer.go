package smtp

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/internal/site"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

//go:embed templates/mail.html.tmpl templates/mail.txt.tmpl
var templates embed.FS

// Options configure the texts and links of mails.
type Options struct {
	// ProductName is the name of the service in mails.
	ProductName string
	// PublicURL is the address at which users reach the service,
	// without /api/auth. Links lead to the service's own pages there.
	PublicURL string
	// VerifyURL is a page of another front end for links that confirm an address.
	// It may be empty. Of this and the next two, the fragment may hold {token}.
	VerifyURL string
	// ChangeURL is a page of another front end for links that confirm a change of
	// address. It may be empty, or hold {account} beside {token}.
	ChangeURL string
	// ResetURL is a page of another front end for links that set a password. It
	// may be empty.
	ResetURL string
}

// Validate returns every problem. None repeats a value.
func (o Options) Validate() []*Problem {
	var problems []*Problem
	if strings.TrimSpace(o.ProductName) == "" || strings.ContainsFunc(o.ProductName, isControl) {
		problems = append(problems, problem("ProductName", "must be a name without control characters"))
	}
	if _, err := site.ParseBase(o.PublicURL); err != nil {
		problems = append(problems, problem("PublicURL", err.Error()))
	}
	if _, err := site.ParsePage(o.VerifyURL); err != nil && o.VerifyURL != "" {
		problems = append(problems, problem("VerifyURL", err.Error()))
	}
	if _, err := site.ParsePage(o.ChangeURL, site.AccountPlaceholder); err != nil && o.ChangeURL != "" {
		problems = append(problems, problem("ChangeURL", err.Error()))
	}
	if _, err := site.ParsePage(o.ResetURL); err != nil && o.ResetURL != "" {
		problems = append(problems, problem("ResetURL", err.Error()))
	}
	return problems
}

// Renderer writes mails. It is safe for concurrent use.
type Renderer struct {
	product string
	links   links
	clock   ports.Clock
	html    *htmltemplate.Template
	text    *texttemplate.Template
}

// NewRenderer returns a renderer. It uses clock for the remaining life of a link.
// Errors: the problems of Options.Validate.
func NewRenderer(o Options, clock ports.Clock) (*Renderer, error) {
	if err := joined(o.Validate()); err != nil {
		return nil, err
	}
	html, err := htmltemplate.ParseFS(templates, "templates/mail.html.tmpl")
	if err != nil {
		return nil, fmt.Errorf("smtp: parsing the layout of HTML mails: %w", err)
	}
	text, err := texttemplate.ParseFS(templates, "templates/mail.txt.tmpl")
	if err != nil {
		return nil, fmt.Errorf("smtp: parsing the layout of text mails: %w", err)
	}
	return &Renderer{product: o.ProductName, links: newLinks(o), clock: clock, html: html, text: text}, nil
}

// page is the data of the layouts.
type page struct {
	words
	Product string
	To      string
	Link    string
	// Until and Within are when the link ends; empty without a link.
	Until  string
	Within string
	// Facts are what is known of the reported change. It may be empty.
	Facts []fact
}

// fact is a line of a mail with a label.
type fact struct{ Label, Value string }

// factsOf returns when the reported change happened, and on which device and network.
func factsOf(mail ports.Mail) []fact {
	if mail.At.IsZero() {
		return nil
	}
	facts := []fact{{"When", plainTime(mail.At)}}
	if mail.Client == (domain.Client{}) {
		return facts // staff made it
	}
	facts = append(facts, fact{"Device", device(mail.Client.UserAgent)})
	if mail.Client.IP != "" {
		facts = append(facts, fact{"Network address", mail.Client.IP})
	}
	return facts
}

// Render renders a mail and sets At to the present time. Errors: an unknown kind,
// or a missing recipient, token, address or role that the kind needs.
func (r *Renderer) Render(mail ports.Mail) (ports.CaughtMail, error) {
	now := r.clock.Now()
	w, known := wordsOf(mail, r.product)
	if !known {
		return ports.CaughtMail{}, fmt.Errorf("smtp: unknown kind of mail %q", mail.Kind)
	}
	if mail.To.IsZero() {
		return ports.CaughtMail{}, fmt.Errorf("smtp: a %s mail needs a recipient", mail.Kind)
	}
	if missing := missingFrom(mail); missing != "" {
		return ports.CaughtMail{}, fmt.Errorf("smtp: a %s mail needs %s", mail.Kind, missing)
	}
	p := page{words: w, Product: r.product, To: mail.To.String(), Link: r.links.link(mail), Facts: factsOf(mail)}
	if p.Link != "" {
		if mail.TokenSecret.IsEmpty() {
			return ports.CaughtMail{}, fmt.Errorf("smtp: a %s mail needs a token", mail.Kind)
		}
		p.Until = plainTime(mail.ExpiresAt)
		p.Within = plainDuration(mail.ExpiresAt.Sub(now))
	}
	rendered, err := r.layOut(p, string(mail.Kind))
	rendered.At, rendered.Kind = now, mail.Kind
	return rendered, err
}

// layOut executes both layouts. kind names the mail in errors.
func (r *Renderer) layOut(p page, kind string) (ports.CaughtMail, error) {
	var html, text bytes.Buffer
	if err := r.html.Execute(&html, p); err != nil {
		return ports.CaughtMail{}, fmt.Errorf("smtp: rendering the HTML of a %s mail: %w", kind, err)
	}
	if err := r.text.Execute(&text, p); err != nil {
		return ports.CaughtMail{}, fmt.Errorf("smtp: rendering the text of a %s mail: %w", kind, err)
	}
	return ports.CaughtMail{
		At: r.clock.Now(), To: p.To, Subject: p.Subject,
		Text: text.String(), HTML: html.String(), Link: p.Link,
	}, nil
}

// missingFrom names the field that the texts of the mail need and that it lacks. It is
// empty if there is none.
func missingFrom(mail ports.Mail) string {
	switch {
	case mail.NewEmail.IsZero() && (mail.Kind == domain.MailEmailChanging || mail.Kind == domain.MailUndoEmail):
		return "the new address"
	case mail.Account.IsZero() && (mail.Kind == domain.MailChangeEmail || mail.Kind == domain.MailEmailRestored):
		return "the address of the account"
	case mail.Role == "" && mail.Kind == domain.MailRoleChanged:
		return "the role"
	}
	return ""
}

// plainTime returns a time in the form that mails show.
func plainTime(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// plainDuration returns d in the words of everyday speech. It rounds up to five
// minutes to a full hour, because the mail has been on its way.
func plainDuration(d time.Duration) string {
	hours := int((d + 5*time.Minute).Hours())
	switch {
	case hours >= 48 && hours%24 == 0:
		return count(hours/24, "day")
	case hours >= 1:
		return count(hours, "hour")
	}
	return count(max(1, int(d.Minutes())), "minute")
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
