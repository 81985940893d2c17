package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// MailToken stores a token and the intent to mail it. Its secret is made when
// the mail is sent.
func MailToken(ctx context.Context, r ports.Repositories, token *domain.Token, acceptedAt time.Time) error {
	return mailToken(ctx, r, token, ports.MailJob{AcceptedAt: acceptedAt})
}

// MailTokenInBulk is MailToken for one of many mails, which no other mail waits for.
func MailTokenInBulk(ctx context.Context, r ports.Repositories, token *domain.Token, acceptedAt time.Time) error {
	return mailToken(ctx, r, token, ports.MailJob{AcceptedAt: acceptedAt, Bulk: true})
}

// mailToken stores a token and a job, which it completes by the token.
func mailToken(ctx context.Context, r ports.Repositories, token *domain.Token, job ports.MailJob) error {
	if err := r.Tokens.Add(ctx, token); err != nil {
		return err
	}
	job.Mail, job.TokenID, job.UserID, job.ExpiresAt = token.Purpose(), token.ID(), token.UserID(), token.ExpiresAt()
	return r.Jobs.Enqueue(ctx, job)
}

// Notify stores the intent to mail a notice to a user. from is where the change came from. It
// is zero if staff made it, or if the reader may be a stranger to the client.
func Notify(ctx context.Context, r ports.Repositories, id domain.UserID, notice domain.MailKind, from domain.Client, now time.Time) error {
	return r.Jobs.Enqueue(ctx, ports.MailJob{
		Mail:       notice,
		UserID:     id,
		Client:     from.Canonical(),
		AcceptedAt: now,
		ExpiresAt:  now.Add(ports.NoticeLife),
	})
}

// Farewell stores the intent to mail a notice to an address that has no account any
// more. token is the one-time token that the notice is about; it may be nil. from is as
// for Notify.
func Farewell(ctx context.Context, r ports.Repositories, to domain.Email, notice domain.MailKind, token *domain.Token, from domain.Client, now time.Time) error {
	job := ports.MailJob{Mail: notice, Email: to.String(), Client: from.Canonical(), AcceptedAt: now, ExpiresAt: now.Add(ports.NoticeLife)}
	if token != nil {
		job.TokenID, job.UserID = token.ID(), token.UserID()
	}
	return r.Jobs.Enqueue(ctx, job)
}

// MailRequest is a request without a session for a mail to an address.
type MailRequest struct {
	// Mail is the mail that the request asks for. The queue gives it up after the
	// life of its token.
	Mail domain.MailKind
	// Email is the address as it arrived.
	Email  string
	Origin ports.Origin
}

// Enqueue counts the request and stores the intent to mail, once it is admitted. It reads no
// account, so that result and time are the same whether or not the address has one.
// Errors: domain.ErrInvalidEmail, domain.ErrRateLimited, domain.ErrOverloaded.
func (m MailRequest) Enqueue(ctx context.Context, p Ports, a ports.Admission) error {
	email, err := domain.ParseEmail(m.Email)
	if err != nil {
		return err
	}
	leave, err := a.Admit(ctx, m.Origin.Client.Network())
	if err != nil {
		return err
	}
	defer leave()
	// The recipient counts whether or not the address has an account, so that a
	// refusal reveals nothing.
	if err := p.Limits().Take(ctx, m.Origin, domain.UserID{},
		ports.Count{Limit: ports.LimitResetIP, Key: m.Origin.Client.Network()},
		Recipient(email, string(m.Mail))); err != nil {
		return err
	}
	now := p.Clock.Now()
	return p.Store.Jobs.Enqueue(ctx, ports.MailJob{
		Mail:       m.Mail,
		Email:      email.String(),
		AcceptedAt: now,
		ExpiresAt:  now.Add(m.Mail.TokenLife()),
	})
}
