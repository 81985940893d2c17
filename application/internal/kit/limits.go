package kit

import (
	"context"
	"slices"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Limits counts events against the rate limits, and records the first refusal of
// each key in the audit log.
type Limits struct {
	Limiter ports.RateLimiter
	Audit   ports.AuditLog
	Clock   ports.Clock
	IDs     ports.IDs
}

// Pair returns one key of two parts. It is empty if either part is empty.
func Pair(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return a + "\x00" + b
}

// Recipient returns the count of a mail to a mailbox, whatever detail its address has
// after a plus sign. Registrations, resets, resent confirmations and changes of address
// count separately, so that requests for one kind of mail do not use up the limit of
// another.
func Recipient(email domain.Email, purpose string) ports.Count {
	return ports.Count{Limit: ports.LimitMailRecipient, Key: Pair(email.Mailbox().String(), purpose)}
}

// purposeRegister is the purpose of the mails of registrations.
const purposeRegister = "register"

// Registration returns the count of a mail of a registration.
func Registration(email domain.Email) ports.Count { return Recipient(email, purposeRegister) }

// MailPurposes returns the purposes that Recipient counts.
func MailPurposes() []string {
	return []string{
		purposeRegister, string(domain.MailVerifyEmail), string(domain.MailResetPassword), string(domain.MailChangeEmail), string(domain.MailInvitation),
	}
}

// Take counts the events of a caller without a session, in order, until a limit
// refuses. An event with an empty key does not count, because a caller in the same
// process has no address, and the operator has no account. about is the user whose account is known, or zero. Errors:
// domain.ErrRateLimited.
func (l Limits) Take(ctx context.Context, o ports.Origin, about domain.UserID, counts ...ports.Count) error {
	return l.TakeBy(ctx, o, domain.Principal{}, about, counts...)
}

// TakeBy counts the events of a principal, as Take does. Errors:
// domain.ErrRateLimited.
func (l Limits) TakeBy(ctx context.Context, o ports.Origin, p domain.Principal, about domain.UserID, counts ...ports.Count) error {
	return l.take(ctx, o, p, func(context.Context) (domain.UserID, error) { return about, nil }, counts)
}

// TakeAbout counts the events as Take does, before the caller has read the user. find
// returns the user whose account is known, or zero. It is called for a refusal that is
// recorded, and for no other event. Errors: as Take, those of find.
func (l Limits) TakeAbout(ctx context.Context, o ports.Origin, find func(context.Context) (domain.UserID, error), counts ...ports.Count) error {
	return l.take(ctx, o, domain.Principal{}, find, counts)
}

func (l Limits) take(ctx context.Context, o ports.Origin, p domain.Principal, find func(context.Context) (domain.UserID, error), counts []ports.Count) error {
	verdict := l.Limiter.Take(ctx, slices.DeleteFunc(counts, func(c ports.Count) bool { return c.Key == "" })...)
	if !verdict.Refused {
		return nil
	}
	if verdict.First {
		about, err := find(ctx)
		if err != nil {
			return err
		}
		event := Event(l.IDs, domain.EventRateLimited, o, l.Clock.Now()).About(about).By(p).Saying(string(verdict.Limit))
		if err := l.Audit.Append(ctx, event); err != nil {
			return err
		}
	}
	return domain.ErrRateLimited.WithRetryAfter(verdict.RetryAfter).
		WithExceeded(domain.Exceeded{Limit: string(verdict.Limit), Quota: verdict.Quota})
}
