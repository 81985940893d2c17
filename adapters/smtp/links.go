package smtp

import (
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/internal/site"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// links holds the targets of the links in mails. They come from the configuration
// alone, so a forged Host header in a request cannot change them.
type links struct{ verify, change, undo, reset site.Page }

// newLinks returns the links of valid options.
func newLinks(o Options) links {
	public := strings.TrimRight(o.PublicURL, "/")
	page := func(given, own string) site.Page {
		if given == "" {
			given = public + own
		}
		p, _ := site.ParsePage(given, site.AccountPlaceholder) // checked by Validate
		return p
	}
	return links{
		verify: page(o.VerifyURL, site.VerifyPage),
		change: page(o.ChangeURL, site.ChangePage),
		// Always the service's own page, so that it works whatever a front end does.
		undo:  page("", site.UndoPage),
		reset: page(o.ResetURL, site.ResetPage),
	}
}

// link returns the link of a mail, or "" for a kind without a link. The secret is
// in the fragment, which browsers do not send to servers. The page that confirms a
// change of address also gets the masked address of the account, to show to a reader
// who may be a stranger to it.
func (l links) link(mail ports.Mail) string {
	token := mail.TokenSecret.Reveal()
	switch mail.Kind {
	case domain.MailVerifyEmail:
		return l.verify.Link(token, "")
	case domain.MailChangeEmail:
		return l.change.Link(token, mail.Account.Masked())
	case domain.MailUndoEmail:
		return l.undo.Link(token, "")
	case domain.MailResetPassword, domain.MailInvitation:
		return l.reset.Link(token, "")
	default:
		return ""
	}
}
