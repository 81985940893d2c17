package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DeliverMail does what a mail job intends. It is run by the queue, as often as
// it takes.
type DeliverMail struct{ d Dependencies }

// NewDeliverMail returns the use case.
func NewDeliverMail(d Dependencies) *DeliverMail { return &DeliverMail{d} }

// Execute sends the mail. What has become pointless meanwhile (an account that
// is gone, a token that was used) is done without a mail. Errors: those of
// ports.Mailer and of the stores; the queue tries again.
func (uc *DeliverMail) Execute(ctx context.Context, job ports.MailJob) (ports.None, error) {
	if !uc.d.Clock.Now().Before(job.ExpiresAt) {
		return ports.None{}, nil
	}
	switch job.Kind {
	case ports.JobTokenMail:
		return ports.None{}, hide(uc.sendToken(ctx, job), nil)
	case ports.JobNotice:
		return ports.None{}, hide(uc.sendNotice(ctx, job), nil)
	case ports.JobResetRequest:
		return ports.None{}, hide(uc.issue(ctx, job, domain.PurposeResetPassword), nil)
	case ports.JobVerificationRequest:
		return ports.None{}, hide(uc.issue(ctx, job, domain.PurposeVerifyEmail), nil)
	}
	return ports.None{}, domain.ErrInvalidParameter.WithDetail("unknown kind of mail job: " + string(job.Kind))
}

// sendToken gives the token a fresh secret and mails it. Only the hash of the
// secret is stored, before the mail leaves, so a retry makes another one.
func (uc *DeliverMail) sendToken(ctx context.Context, job ports.MailJob) error {
	token, err := uc.d.Stores.Tokens.ByID(ctx, job.Use, job.TokenID)
	if err != nil {
		return err
	}
	user, err := uc.d.Stores.Users.ByID(ctx, token.UserID())
	if err != nil {
		return err
	}
	if token.CheckUsable(user, uc.d.Clock.Now()) != nil {
		return nil //nolint:nilerr // used, expired or void meanwhile: there is nothing left to send
	}
	secret := uc.d.Random.Secret()
	token.Arm(secret)
	if err := uc.d.Stores.Tokens.Save(ctx, token); err != nil {
		return err
	}
	return uc.d.Mailer.Send(ctx, ports.Mail{
		Kind:      ports.MailKind(token.Purpose()),
		To:        token.Recipient(),
		Token:     secret,
		ExpiresAt: token.ExpiresAt(),
		NewEmail:  token.NewEmail(),
	})
}

func (uc *DeliverMail) sendNotice(ctx context.Context, job ports.MailJob) error {
	user, err := uc.d.Stores.Users.ByID(ctx, job.UserID)
	if err != nil {
		return err
	}
	mail := ports.Mail{Kind: job.Notice, To: user.Email()}
	if job.Notice == ports.MailEmailChanging {
		// The change may be confirmed by now; the notice goes to where the
		// account was when it was asked for.
		token, err := uc.d.Stores.Tokens.ByID(ctx, job.Use, job.TokenID)
		if err != nil {
			return err
		}
		mail.To, mail.NewEmail = token.Email(), token.NewEmail()
	}
	return uc.d.Mailer.Send(ctx, mail)
}

// issue makes a token for whoever has the address that was typed, if it may
// have one.
func (uc *DeliverMail) issue(ctx context.Context, job ports.MailJob, purpose domain.TokenPurpose) error {
	email, err := domain.ParseEmail(job.Email)
	if err != nil {
		return nil //nolint:nilerr // rules may have become stricter since; nobody can have this address
	}
	return uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByEmail(ctx, email)
		if err != nil {
			return err
		}
		if user.Status() != domain.StatusActive || purpose == domain.PurposeVerifyEmail && user.EmailVerified() {
			return nil
		}
		token := domain.IssueToken(uc.d.IDs.NewTokenID(), purpose, user, job.AcceptedAt)
		return mailToken(ctx, r, token, job.AcceptedAt)
	})
}
