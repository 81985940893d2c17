package account

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// VerifyEmail confirms an address by the secret that its owner got by mail. The account
// that asked for a change of address also proves itself; see confirmChange.
type VerifyEmail struct{ p Ports }

// NewVerifyEmail returns the use case.
func NewVerifyEmail(p Ports) *VerifyEmail { return &VerifyEmail{p} }

// Execute confirms the address. All sessions live on. An account without a password
// gets a mail to choose one. An account whose role above user was withheld loses
// password, sessions and tokens, because they may be those of a person who does not own
// the address. Errors:
// domain.ErrInvalidToken for every cause, domain.ErrRateLimited, and the refusals of
// confirmChange.
func (uc *VerifyEmail) Execute(ctx context.Context, cmd ports.VerifyEmailCommand) (ports.UserResult, error) {
	if err := uc.p.Limits().Take(ctx, cmd.Origin, domain.UserID{}, kit.Count{Limit: ports.LimitTokenIP, Key: cmd.Origin.Client.Network()}); err != nil {
		return ports.UserResult{}, err
	}
	hash := domain.HashTokenSecret(cmd.TokenSecret)
	if done, result, err := uc.confirmChange(ctx, cmd, hash); done || err != nil {
		return result, err
	}
	now := uc.p.Clock.Now()
	var confirmed *domain.User
	err := uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		token, user, err := kit.TokenAndUser(ctx, r, domain.UseConfirmEmail, hash)
		if err != nil {
			return err
		}
		if err := token.Redeem(user, now); err != nil {
			return err
		}
		if err := r.Tokens.Save(ctx, token); err != nil {
			return err
		}
		withheld := user.RoleWithheld()
		if err := kit.Record(ctx, r, uc.confirm(user, cmd.Origin, now)); err != nil {
			return err
		}
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		if withheld {
			if err := kit.VoidTokens(ctx, r, user.ID()); err != nil {
				return err
			}
		}
		confirmed = user
		if user.PasswordState() == domain.PasswordSet {
			return nil
		}
		reset := domain.IssueToken(uc.p.IDs.NewTokenID(), domain.MailResetPassword, user, now)
		return kit.MailToken(ctx, r, reset, now)
	})
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: confirmed}, nil
}

// confirm applies the token to the user, and returns the events of the change. A role
// that was withheld holds for a confirmed address only after its owner chose the
// password.
func (uc *VerifyEmail) confirm(user *domain.User, o ports.Origin, now time.Time) []domain.Event {
	event := func(t domain.EventType) domain.Event {
		return kit.Event(uc.p.IDs, t, o, now).About(user.ID()).ByOwner()
	}
	withheld := user.RoleWithheld()
	events := []domain.Event{event(domain.EventEmailVerified)}
	if withheld && user.PasswordState() == domain.PasswordSet {
		user.DropPassword(now)
		events = append(events, event(domain.EventPasswordDropped))
	}
	user.VerifyEmail(now)
	return events
}
