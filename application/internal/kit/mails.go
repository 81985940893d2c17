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
	if err := r.Tokens.Add(ctx, token); err != nil {
		return err
	}
	return r.Jobs.Enqueue(ctx, ports.MailJob{
		Mail:       token.Purpose(),
		TokenID:    token.ID(),
		UserID:     token.UserID(),
		AcceptedAt: acceptedAt,
		ExpiresAt:  token.ExpiresAt(),
	})
}

// Notify stores the intent to mail a notice to a user.
func Notify(ctx context.Context, r ports.Repositories, id domain.UserID, notice domain.MailKind, now time.Time) error {
	return r.Jobs.Enqueue(ctx, ports.MailJob{
		Mail:       notice,
		UserID:     id,
		AcceptedAt: now,
		ExpiresAt:  now.Add(ports.NoticeLife),
	})
}

// Farewell stores the intent to mail a notice to an address that has no account any
// more. token is the one-time token that the notice is about; it may be nil.
func Farewell(ctx context.Context, r ports.Repositories, to domain.Email, notice domain.MailKind, token *domain.Token, now time.Time) error {
	job := ports.MailJob{Mail: notice, Email: to.String(), AcceptedAt: now, ExpiresAt: now.Add(ports.NoticeLife)}
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

// Enqueue counts the request and stores the intent to mail. It reads no account,
// so that result and time are the same whether or not the address has one.
// Errors: domain.ErrInvalidEmail, domain.ErrRateLimited.
func (m MailRequest) Enqueue(ctx context.Context, limits Limits, jobs ports.Jobs) error {
	email, err := domain.ParseEmail(m.Email)
	if err != nil {
		return err
	}
	// The recipient counts whether or not the address has an account, so that a
	// refusal reveals nothing.
	if err := limits.Take(ctx, m.Origin, domain.UserID{},
		ports.Count{Limit: ports.LimitResetIP, Key: m.Origin.Client.Network()},
		Recipient(email, string(m.Mail))); err != nil {
		return err
	}
	now := limits.Clock.Now()
	return jobs.Enqueue(ctx, ports.MailJob{
		Mail:       m.Mail,
		Email:      email.String(),
		AcceptedAt: now,
		ExpiresAt:  now.Add(m.Mail.TokenLife()),
	})
}
