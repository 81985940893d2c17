package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Outbox stores the intent to send mails, in one unit of work, and records that they were asked
// for. Its methods take the events of the change that causes the mail, so that all are stored
// in one call.
type Outbox struct {
	r   ports.Repositories
	ids ports.IDs
	now time.Time
}

// Mails returns the outbox of a unit of work. now is when the request was accepted: the lives of
// tokens and notices count from it.
func Mails(r ports.Repositories, ids ports.IDs, now time.Time) Outbox { return Outbox{r, ids, now} }

// Token stores a token and the intent to mail it. Its secret is made when the mail is sent.
func (o Outbox) Token(ctx context.Context, token *domain.Token, events ...domain.Event) error {
	return o.tokenFrom(ctx, token, domain.Client{}, events...)
}

// tokenFrom is Token for a mail that reports a change, which came from a client.
func (o Outbox) tokenFrom(ctx context.Context, token *domain.Token, from domain.Client, events ...domain.Event) error {
	if err := AddToken(ctx, o.r, token, ports.MailJob{Client: from.Canonical(), AcceptedAt: o.now}); err != nil {
		return err
	}
	return o.record(ctx, token.UserID(), token.Purpose(), events)
}

// Notice stores the intent to mail a notice to a user. from is where the change came from. It
// is zero if staff made it, or if the reader may be a stranger to the client.
func (o Outbox) Notice(ctx context.Context, id domain.UserID, notice domain.MailKind, from domain.Client, events ...domain.Event) error {
	return o.enqueue(ctx, ports.MailJob{Mail: notice, UserID: id, Client: from.Canonical()}, events)
}

// NoticeOf is Notice about a one-time token, which the user gets while the token is open.
func (o Outbox) NoticeOf(ctx context.Context, token *domain.Token, notice domain.MailKind, from domain.Client, events ...domain.Event) error {
	return o.enqueue(ctx, ports.MailJob{
		Mail: notice, UserID: token.UserID(), TokenID: token.ID(), Client: from.Canonical(), ExpiresAt: token.ExpiresAt(),
	}, events)
}

// Farewell stores the intent to mail a notice to an address that the user has left. token is
// the one-time token that the notice is about; it may be nil. from is as for Notice.
func (o Outbox) Farewell(ctx context.Context, left domain.Email, id domain.UserID, notice domain.MailKind, token *domain.Token, from domain.Client, events ...domain.Event) error {
	job := ports.MailJob{Mail: notice, Email: left.String(), UserID: id, Client: from.Canonical()}
	if token != nil {
		job.TokenID = token.ID()
	}
	return o.enqueue(ctx, job, events)
}

// enqueue completes a notice, and stores and records it.
func (o Outbox) enqueue(ctx context.Context, job ports.MailJob, events []domain.Event) error {
	job.AcceptedAt = o.now
	if job.ExpiresAt.IsZero() {
		job.ExpiresAt = o.now.Add(ports.NoticeLife)
	}
	if err := o.r.Jobs.Enqueue(ctx, job); err != nil {
		return err
	}
	return o.record(ctx, job.UserID, job.Mail, events)
}

func (o Outbox) record(ctx context.Context, id domain.UserID, mail domain.MailKind, events []domain.Event) error {
	return Record(ctx, o.r, append(events, MailEvent(ctx, o.ids, domain.EventMailRequested, id, mail, o.now)))
}

// MailEvent returns an event of what became of a mail to a user.
func MailEvent(ctx context.Context, ids ports.IDs, t domain.EventType, id domain.UserID, mail domain.MailKind, now time.Time) domain.Event {
	return Event(ids, t, ports.Origin{RequestID: ports.RequestID(ctx)}, now).About(id).Saying(string(mail))
}

// AddToken stores a token and a job, which it completes by the token. The caller records it.
func AddToken(ctx context.Context, r ports.Repositories, token *domain.Token, job ports.MailJob) error {
	if err := r.Tokens.Add(ctx, token); err != nil {
		return err
	}
	job.Mail, job.TokenID, job.UserID, job.ExpiresAt = token.Purpose(), token.ID(), token.UserID(), token.ExpiresAt()
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
