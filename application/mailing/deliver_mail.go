package mailing

import (
	"context"
	"errors"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DeliverMail carries out a mail job. The queue runs it until it succeeds or the job
// expires, and once more when the job has expired.
type DeliverMail struct{ p Ports }

// NewDeliverMail returns the use case.
func NewDeliverMail(p Ports) *DeliverMail { return &DeliverMail{p} }

// Execute sends the mail, and records what became of it with its user. A job that has become
// pointless (the account is gone, the token was used) or has expired succeeds without a mail.
// Errors: the errors of ports.Mailer and of the stores, after which the queue tries again;
// ports.ErrMailUnrecorded, also beside ports.ErrMailRejected, after which it does not.
func (uc *DeliverMail) Execute(ctx context.Context, job ports.MailJob) (ports.None, error) {
	compose := uc.notice
	switch {
	case !uc.p.Clock.Now().Before(job.ExpiresAt):
		return ports.None{}, uc.expire(ctx, job)
	case job.Mail == "":
		return ports.None{}, domain.ErrInvalidParameter.WithDetail("the mail job names no mail")
	case job.Email != "" && job.Mail.Use() != "":
		return ports.None{}, kit.Hide(uc.issue(ctx, job), nil)
	case leaves(job.Mail):
		// A notice to an address that the account has left.
	case job.Email != "":
		compose = uc.noticeTo
	case job.Mail.Use() != "":
		compose = uc.tokenMail
	}
	l, err := compose(ctx, job)
	if err != nil {
		return ports.None{}, kit.Hide(err, nil)
	}
	return ports.None{}, uc.send(ctx, job, l)
}

// leaves reports whether the mail goes to an address that the account has left, which the job
// holds.
func leaves(mail domain.MailKind) bool {
	return mail == domain.MailEmailRestored || mail == domain.MailAccountDeleted || mail == domain.MailAccountClosed
}

// letter is a mail with its user.
type letter struct {
	user domain.UserID
	mail ports.Mail
	// pointless is true if the mail has lost its use. Of the mail, only the kind is set then.
	pointless bool
}

// send sends a letter and records the outcome. Errors: those of ports.Mailer,
// ports.ErrMailUnrecorded.
func (uc *DeliverMail) send(ctx context.Context, job ports.MailJob, l letter) error {
	if l.pointless {
		return uc.record(ctx, l, domain.EventMailWithdrawn, "")
	}
	answer, err := uc.p.Mailer.Send(ctx, l.mail)
	switch {
	case err == nil:
		return final(uc.record(ctx, l, domain.EventMailSent, answer))
	case errors.Is(err, ports.ErrMailRejected):
		return errors.Join(err, final(uc.record(ctx, l, domain.EventMailRefused, answered(err))))
	case job.Failures > 0 || ctx.Err() != nil:
		return err
	}
	return errors.Join(err, uc.record(ctx, l, domain.EventMailDelayed, answered(err)))
}

// final marks the failure to record an outcome after which the mail must not be sent again.
func final(unrecorded error) error {
	if unrecorded == nil {
		return nil
	}
	return errors.Join(ports.ErrMailUnrecorded, unrecorded)
}

// unanswered is recorded with a mail that no server has answered.
const unanswered = "The mail server was not reached or did not answer; the service's log says more."

// answered returns what the mail server said of a mail that was not sent.
func answered(err error) string {
	var refusal *ports.MailRefusal
	if errors.As(err, &refusal) {
		return refusal.Answer
	}
	return unanswered
}

// record stores an event of what became of a mail. The answer of a server is not kept about
// an account that is deleted, because nothing would erase it before its time. Errors: those of
// the store.
func (uc *DeliverMail) record(ctx context.Context, l letter, t domain.EventType, answer string) error {
	if l.user.IsZero() {
		return nil // the job of an earlier release does not name the user of every mail
	}
	if l.mail.Kind == domain.MailAccountDeleted || l.mail.Kind == domain.MailAccountClosed {
		answer = ""
	}
	return uc.p.Store.Audit.Append(ctx, kit.MailEvent(ctx, uc.p.IDs, t, l.user, l.mail.Kind, uc.p.Clock.Now()).Because(answer))
}

// expire records that a mail was given up. Errors: those of the stores.
func (uc *DeliverMail) expire(ctx context.Context, job ports.MailJob) error {
	l := letter{user: job.UserID, mail: ports.Mail{Kind: job.Mail}}
	switch {
	case !l.user.IsZero() && job.Mail.Use() != "":
		token, err := uc.p.Store.Tokens.ByID(ctx, job.Mail.Use(), job.TokenID)
		if err != nil {
			return kit.Hide(err, nil)
		}
		l.mail.Kind = token.Purpose()
	case l.user.IsZero() && job.Email != "":
		user, err := uc.holder(ctx, job)
		if err != nil || user == nil {
			return kit.Hide(err, nil)
		}
		l.user = user.ID()
	}
	return uc.record(ctx, l, domain.EventMailExpired, "")
}

// holder returns the account of the address in the job. It is nil if the address breaks the
// rules, which may have become stricter since.
func (uc *DeliverMail) holder(ctx context.Context, job ports.MailJob) (*domain.User, error) {
	email, err := domain.ParseEmail(job.Email)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // no account has this address
	}
	return uc.p.Store.Users.ByEmail(ctx, email)
}

// tokenMail gives the token a fresh secret, for a mail with its link. The store holds only the
// hash of the secret, so a retry makes another secret. The hash is stored before
// the mail leaves.
func (uc *DeliverMail) tokenMail(ctx context.Context, job ports.MailJob) (letter, error) {
	token, err := uc.p.Store.Tokens.ByID(ctx, job.Mail.Use(), job.TokenID)
	if err != nil {
		return letter{}, err
	}
	user, err := uc.p.Store.Users.ByID(ctx, token.UserID())
	if err != nil {
		return letter{}, err
	}
	if token.CheckUsable(user, uc.p.Clock.Now()) != nil {
		return letter{user: user.ID(), mail: ports.Mail{Kind: token.Purpose()}, pointless: true}, nil //nolint:nilerr // as said
	}
	secret := uc.p.Random.Secret()
	token.Arm(secret)
	if err := uc.p.Store.Tokens.Save(ctx, token); err != nil {
		return letter{}, err
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
	return letter{user: user.ID(), mail: mail}, nil
}

// notice returns a notice to the user of the job, or to the address in it, which the user has
// left.
func (uc *DeliverMail) notice(ctx context.Context, job ports.MailJob) (letter, error) {
	l := letter{user: job.UserID, mail: ports.Mail{Kind: job.Mail, At: job.AcceptedAt, Client: job.Client}}
	switch job.Mail {
	case domain.MailEmailChanging, domain.MailEmailHeld, domain.MailEmailRestored:
		if err := uc.aboutMove(ctx, job, &l.mail); err != nil {
			return letter{}, err
		}
	default:
		if job.Email != "" {
			break
		}
		user, err := uc.p.Store.Users.ByID(ctx, job.UserID)
		if err != nil {
			return letter{}, err
		}
		l.mail.To, l.mail.Role = user.Email(), user.Role()
		if job.Mail == domain.MailRecoveryCodeUsed {
			if l.mail.CodesLeft, err = uc.p.Store.Recovery.Left(ctx, user.ID()); err != nil {
				return letter{}, err
			}
		}
	}
	if job.Email != "" {
		to, err := domain.ParseEmail(job.Email)
		if err != nil { // rules may have become stricter since, so the address cannot be written to
			return letter{user: job.UserID, mail: ports.Mail{Kind: job.Mail}, pointless: true}, nil //nolint:nilerr // as said
		}
		l.mail.To = to
	}
	return l, nil
}

// noticeTo returns a notice to the account of the address in the job. It is pointless if that
// is not active.
func (uc *DeliverMail) noticeTo(ctx context.Context, job ports.MailJob) (letter, error) {
	user, err := uc.holder(ctx, job)
	switch {
	case err != nil:
		return letter{}, err
	case user == nil:
		return letter{pointless: true}, nil
	}
	return letter{
		user: user.ID(), mail: ports.Mail{Kind: job.Mail, To: user.Email(), At: job.AcceptedAt, Client: job.Client},
		pointless: user.Status() != domain.StatusActive,
	}, nil
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

// issue makes a token for the account of the address in the job, and records that its mail was
// asked for. It succeeds without a token if the account is disabled or needs no verification,
// and records that.
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
			return r.Audit.Append(ctx, kit.MailEvent(ctx, uc.p.IDs, domain.EventMailWithdrawn, user.ID(), job.Mail, uc.p.Clock.Now()))
		}
		token := domain.IssueToken(uc.p.IDs.NewTokenID(), job.Mail, user, job.AcceptedAt)
		return kit.Mails(r, uc.p.IDs, job.AcceptedAt).Token(ctx, token)
	})
}
