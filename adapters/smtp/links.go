package smtp

import (
	"net/url"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/internal/site"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// links holds the targets of the links in mails. They come from the configuration
// alone, so a forged Host header in a request cannot change them.
type links struct{ verify, change, undo, reset string }

func newLinks(o Options) links {
	l := links{verify: o.VerifyURL, change: o.ChangeURL, reset: o.ResetURL}
	public := strings.TrimRight(o.PublicURL, "/")
	if l.verify == "" {
		l.verify = public + site.VerifyPage
	}
	if l.change == "" {
		l.change = public + site.ChangePage
	}
	if l.reset == "" {
		l.reset = public + site.ResetPage
	}
	// Always the service's own page, so that it works whatever a front end does.
	l.undo = public + site.UndoPage
	return l
}

// link returns the link of a mail, or "" for a kind without a link. The secret is
// in the fragment, which browsers do not send to servers. The page that confirms a
// change of address also gets the masked address of the account, to show to a reader
// who may be a stranger to it.
func (l links) link(mail ports.Mail) string {
	token := "#token=" + url.QueryEscape(mail.TokenSecret.Reveal())
	switch mail.Kind {
	case domain.MailVerifyEmail:
		return l.verify + token
	case domain.MailChangeEmail:
		return l.change + token + "&account=" + url.QueryEscape(mail.Account.Masked())
	case domain.MailUndoEmail:
		return l.undo + token
	case domain.MailResetPassword, domain.MailInvitation:
		return l.reset + token
	default:
		return ""
	}
}
