package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// SendUserMail lets staff send a user a mail with a new link.
type SendUserMail struct{ p Ports }

// NewSendUserMail returns the use case.
func NewSendUserMail(p Ports) *SendUserMail { return &SendUserMail{p} }

// Execute sends the mail. Links of earlier mails work on. The mail counts in the limit on
// mails to the recipient, unless the operator sends it. Errors: domain.ErrUserNotFound,
// domain.ErrInvalidParameter at mail, domain.ErrMailNotDue if the account is in no state for
// the mail, domain.ErrRateLimited, domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *SendUserMail) Execute(ctx context.Context, cmd ports.SendUserMailCommand) (ports.None, error) {
	id, err := target(cmd.Principal, domain.PermissionHelpUsers, cmd.UserID)
	if err != nil {
		return ports.None{}, err
	}
	mail := domain.MailKind(cmd.Mail)
	if !mail.OnRequest() {
		return ports.None{}, kit.InvalidParameter("mail", "mail must be verify_email, invitation or reset_password.")
	}
	if err := takeWrite(ctx, uc.p, cmd.Origin, cmd.Principal); err != nil {
		return ports.None{}, err
	}
	user, err := uc.p.Store.Users.ByID(ctx, id)
	if err != nil {
		return ports.None{}, err
	}
	if err := maySend(cmd.Principal, user, mail); err != nil {
		return ports.None{}, err
	}
	if _, err := cmd.Principal.Account(); err == nil {
		if err := uc.p.Limits().TakeBy(ctx, cmd.Origin, cmd.Principal, id, kit.Recipient(user.Email(), string(mail))); err != nil {
			return ports.None{}, err
		}
	}
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventMailRequested, cmd.Origin, now).About(id).By(cmd.Principal).Saying(string(mail))
	return ports.None{}, uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, id)
		if err != nil {
			return err
		}
		if err := maySend(cmd.Principal, user, mail); err != nil {
			return err
		}
		token := domain.IssueToken(uc.p.IDs.NewTokenID(), mail, user, now)
		if err := kit.AddToken(ctx, r, token, ports.MailJob{AcceptedAt: now}); err != nil {
			return err
		}
		return r.Audit.Append(ctx, event)
	})
}

// maySend returns nil if the principal may send the mail to user now. Errors:
// domain.ErrForbidden, domain.ErrMailNotDue.
func maySend(p domain.Principal, user *domain.User, mail domain.MailKind) error {
	if err := p.MayHelp(user); err != nil {
		return err
	}
	return user.MailDue(mail)
}
