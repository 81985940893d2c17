package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// count is one event to be counted against a limit. An empty key is not
// counted: a caller in the same process has no address, the operator no user.
type count struct {
	limit ports.Limit
	key   string
}

// pair makes one key of two parts.
func pair(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return a + "\x00" + b
}

// recipient counts a mail to an address. Registrations, resets, resent
// confirmations and changes of address each have an allowance of their own, so
// that nobody uses one up by asking for mails that say something else, or nothing.
func recipient(email domain.Email, purpose string) count {
	return count{ports.LimitMailRecipient, pair(email.String(), purpose)}
}

// take counts the events of somebody who is not signed in, in order, until a
// limit refuses. The first refusal of a key is recorded, about the user if the
// account is known. Errors: domain.ErrRateLimited.
func (d Dependencies) take(ctx context.Context, o ports.Origin, about domain.UserID, counts ...count) error {
	return d.takeBy(ctx, o, domain.Principal{}, about, counts...)
}

// takeBy is take for whoever acts as p.
func (d Dependencies) takeBy(ctx context.Context, o ports.Origin, p domain.Principal, about domain.UserID, counts ...count) error {
	for _, c := range counts {
		if c.key == "" {
			continue
		}
		verdict := d.Limiter.Take(ctx, c.limit, c.key)
		if !verdict.Refused {
			continue
		}
		if verdict.First {
			event := d.event(domain.EventRateLimited, o, d.Clock.Now()).About(about).By(p).Saying(string(c.limit))
			if err := d.Stores.Audit.Append(ctx, event); err != nil {
				return err
			}
		}
		return domain.ErrRateLimited.WithRetryAfter(verdict.RetryAfter).
			WithExceeded(domain.Exceeded{Limit: string(c.limit), Quota: verdict.Quota})
	}
	return nil
}

// takeAdminWrite counts a change by an administrator.
func (d Dependencies) takeAdminWrite(ctx context.Context, o ports.Origin, p domain.Principal) error {
	admin, _, err := p.SignedIn()
	if err != nil {
		return nil //nolint:nilerr // the operator is not limited
	}
	return d.takeBy(ctx, o, p, admin.ID(), count{ports.LimitAdminWriteUser, admin.ID().String()})
}
