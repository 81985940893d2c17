package smtp

import (
	"net/url"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/internal/site"
	"github.com/seed543b3b27/auth-service/domain"
)

// links holds the targets of the links in mails. They come from the configuration
// alone, so a forged Host header in a request cannot change them.
type links struct{ verify, reset string }

func newLinks(o Options) links {
	l := links{verify: o.VerifyURL, reset: o.ResetURL}
	public := strings.TrimRight(o.PublicURL, "/")
	if l.verify == "" {
		l.verify = public + site.VerifyPage
	}
	if l.reset == "" {
		l.reset = public + site.ResetPage
	}
	return l
}

// link returns the link of a mail, or "" for a kind without a link. The secret is
// in the fragment, which browsers do not send to servers.
func (l links) link(kind domain.MailKind, secret domain.Secret) string {
	switch kind {
	case domain.MailVerifyEmail, domain.MailChangeEmail:
		return l.verify + "#token=" + url.QueryEscape(secret.Reveal())
	case domain.MailResetPassword, domain.MailInvitation:
		return l.reset + "#token=" + url.QueryEscape(secret.Reveal())
	case domain.MailPasswordChanged, domain.MailEmailTaken, domain.MailEmailChanging, domain.MailSessionReused, domain.MailLoginLocked:
	}
	return ""
}
