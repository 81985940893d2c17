package smtp

import (
	"errors"
	"net/url"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The pages that the service itself serves, under PUBLIC_URL.
const (
	verifyPage = "/api/auth/ui/verify"
	resetPage  = "/api/auth/ui/reset"
)

// links holds the targets of the links in mails. They come from the configuration
// alone, so a forged Host header in a request cannot change them.
type links struct{ verify, reset string }

func newLinks(o Options) links {
	l := links{verify: o.VerifyURL, reset: o.ResetURL}
	public := strings.TrimRight(o.PublicURL, "/")
	if l.verify == "" {
		l.verify = public + verifyPage
	}
	if l.reset == "" {
		l.reset = public + resetPage
	}
	return l
}

// link returns the link of a mail, or "" for a kind without a link. The secret is
// in the fragment, which browsers do not send to servers.
func (l links) link(kind ports.MailKind, secret domain.Secret) string {
	switch kind {
	case ports.MailVerifyEmail, ports.MailChangeEmail:
		return l.verify + "#token=" + url.QueryEscape(secret.Reveal())
	case ports.MailResetPassword, ports.MailInvitation:
		return l.reset + "#token=" + url.QueryEscape(secret.Reveal())
	case ports.MailPasswordChanged, ports.MailEmailTaken, ports.MailEmailChanging, ports.MailSessionReused:
	}
	return ""
}

// checkURL checks the value of a variable that begins links.
func checkURL(variable, value string, query bool) error {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New(variable + " must be an absolute URL that begins with http:// or https://")
	case u.User != nil:
		return errors.New(variable + " must not hold a user name or a password")
	case strings.Contains(value, "#"):
		return errors.New(variable + " must not hold a fragment (#): mails put the token there")
	case !query && strings.Contains(value, "?"):
		return errors.New(variable + " must not hold a query (?)")
	}
	return nil
}
