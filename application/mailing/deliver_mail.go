package mailing

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DeliverMail carries out a mail job. The queue runs it until it succeeds or the job
// expires.
type DeliverMail struct{ p Ports }

// NewDeliverMail returns the use case.
func NewDeliverMail(p Ports) *DeliverMail { return &DeliverMail{p} }

// Execute sends the mail. A job that has become pointless (the account is gone, the
// token was used) succeeds without a mail. Errors: the errors of ports.Mailer and
// of the stores, after which the queue tries again.
func (uc *DeliverMail) Execute(ctx context.Context, job ports.MailJob) (ports.None, error) {
	if !uc.p.Clock.Now().Before(job.ExpiresAt) {
		return ports.None{}, nil
	}
	send := uc.sendNotice
	switch {
	case job.Mail == "":
		return ports.None{}, domain.ErrInvalidParameter.WithDetail("the mail job names no mail")
	case job.Email != "" && job.Mail.Use() != "":
		send = uc.issue
	case job.Mail == domain.MailEmailRestored || job.Mail == domain.MailAccountDeleted || job.Mail == domain.MailAccountClosed:
		// A notice to an address that the account has left.
	case job.Email != "":
		send = uc.sendNoticeTo
	case job.Mail.Use() != "":
		send = uc.sendToken
	}
	return ports.None{}, kit.Hide(send(ctx, job), nil)
}

// sendToken gives the token a fresh secret and mails it. The store holds only the
// hash of the secret, so a retry makes another secret. The hash is stored before
// the mail leaves.
func (uc *DeliverMail) sendToken(ctx context.Context, job ports.MailJob) error {
	token, err := uc.p.Store.Tokens.ByID(ctx, job.Mail.Use(), job.TokenID)
	if err != nil {
		return err
	}
	user, err := uc.p.Store.Users.ByID(ctx, token.UserID())
	if err != nil {
		return err
	}
	if token.CheckUsable(user, uc.p.Clock.Now()) != nil {
		return nil //nolint:nilerr // the token was used, expired or void meanwhile
	}
	secret := uc.p.Random.Secret()
	token.Arm(secret)
	if err := uc.p.Store.Tokens.Save(ctx, token); err != nil {
		return err
	}
	mail := ports.Mail{
		Kind:        token.Purpose(),
		To:          token.Recipient(),
		TokenSecret: secret,
		ExpiresAt:   token.ExpiresAt(),
		NewEmail:    token.NewEmail(),
	}
	switch token.Purpose() {
	case domain.MailChangeEmail:
		mail.Account = user.Email()
	case domain.MailUndoEmail:
		mail.At, mail.Client = job.AcceptedAt, job.Client
	case domain.MailResetPassword:
		mail.NoPassword = user.PasswordState() != domain.PasswordSet
	default:
	}
	return uc.p.Mailer.Send(ctx, mail)
}

func (uc *DeliverMail) sendNotice(ctx context.Context, job ports.MailJob) error {
	mail := ports.Mail{Kind: job.Mail, At: job.AcceptedAt, Client: job.Client}
	switch job.Mail {
	case domain.MailEmailChanging, domain.MailEmailHeld, domain.MailEmailRestored:
		if err := uc.aboutMove(ctx, job, &mail); err != nil {
			return err
		}
	default:
		if job.Email != "" {
			break
		}
		user, err := uc.p.Store.Users.ByID(ctx, job.UserID)
		if err != nil {
			return err
		}
		mail.To, mail.Role = user.Email(), user.Role()
	}
	if job.Email != "" {
		to, err := domain.ParseEmail(job.Email)
		if err != nil {
			return nil //nolint:nilerr // rules may have become stricter since, so the address cannot be written to
		}
		mail.To = to
	}
	return uc.p.Mailer.Send(ctx, mail)
}

// sendNoticeTo sends a notice to the account of the address in the job. It succeeds
// without a mail if there is no active one.
func (uc *DeliverMail) sendNoticeTo(ctx context.Context, job ports.MailJob) error {
	email, err := domain.ParseEmail(job.Email)
	if err != nil {
		return nil //nolint:nilerr // rules may have become stricter since, so no account has this address
	}
	user, err := uc.p.Store.Users.ByEmail(ctx, email)
	if err != nil || user.Status() != domain.StatusActive {
		return err
	}
	return uc.p.Mailer.Send(ctx, ports.Mail{Kind: job.Mail, To: user.Email(), At: job.AcceptedAt, Client: job.Client})
}

// aboutMove completes a notice about a change of address from the token of the change.
// It goes to the address that the account had at the change, because it may have
// another by now.
func (uc *DeliverMail) aboutMove(ctx context.Context, job ports.MailJob, mail *ports.Mail) error {
	use := domain.UseUndoEmail
	if job.Mail == domain.MailEmailChanging {
		use = domain.UseConfirmEmail
	}
	token, err := uc.p.Store.Tokens.ByID(ctx, use, job.TokenID)
	if err != nil {
		return err
	}
	mail.To, mail.Account = token.Email(), token.Email()
	switch job.Mail {
	case domain.MailEmailChanging:
		mail.NewEmail = token.NewEmail()
	case domain.MailEmailHeld:
		mail.ExpiresAt = token.ExpiresAt()
	default:
	}
	return nil
}

// issue makes a token for the account of the address in the job. It succeeds without
// a token if the account is disabled or needs no verification.
func (uc *DeliverMail) issue(ctx context.Context, job ports.MailJob) error {
	email, err := domain.ParseEmail(job.Email)
	if err != nil {
		return nil //nolint:nilerr // rules may have become stricter since, so no account has this address
	}
	return uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByEmail(ctx, email)
		if err != nil {
			return err
		}
		if user.Status() != domain.StatusActive || job.Mail == domain.MailVerifyEmail && user.EmailVerified() {
			return nil
		}
		token := domain.IssueToken(uc.p.IDs.NewTokenID(), job.Mail, user, job.AcceptedAt)
		return kit.MailToken(ctx, r, token, job.AcceptedAt)
	})
}
