package account

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// VerifyEmail confirms an address by the secret that its owner got by mail.
type VerifyEmail struct{ p Ports }

// NewVerifyEmail returns the use case.
func NewVerifyEmail(p Ports) *VerifyEmail { return &VerifyEmail{p} }

// Execute confirms the address. All sessions live on. An account without a password
// gets a mail to choose one. An account whose role above user was withheld loses
// password, sessions and tokens, because they may be those of a person who does not own
// the address. Errors:
// domain.ErrInvalidToken for every cause, domain.ErrRateLimited.
func (uc *VerifyEmail) Execute(ctx context.Context, cmd ports.VerifyEmailCommand) (ports.UserResult, error) {
	if err := uc.p.Limits().Take(ctx, cmd.Origin, domain.UserID{}, kit.Count{Limit: ports.LimitTokenIP, Key: cmd.Origin.Client.Network()}); err != nil {
		return ports.UserResult{}, err
	}
	hash := domain.HashTokenSecret(cmd.TokenSecret)
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
		if err := kit.Record(ctx, r, uc.confirm(token, user, cmd.Origin, now)); err != nil {
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
	if errors.Is(err, domain.ErrEmailTaken) {
		// Another account took the new address first.
		return ports.UserResult{}, domain.ErrInvalidToken
	}
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: confirmed}, nil
}

// confirm applies the token to the user, and returns the events of the change. A role
// that was withheld holds for a confirmed address only after its owner chose the
// password, and never for another address.
func (uc *VerifyEmail) confirm(token *domain.Token, user *domain.User, o ports.Origin, now time.Time) []domain.Event {
	event := func(t domain.EventType) domain.Event {
		return kit.Event(uc.p.IDs, t, o, now).About(user.ID()).ByOwner()
	}
	withheld := user.RoleWithheld()
	if token.Purpose() == domain.MailChangeEmail {
		events := []domain.Event{event(domain.EventEmailChanged)}
		if withheld || user.InvitedRole() != "" {
			events = append(events, event(domain.EventRoleChanged).Saying(domain.RoleUser.String()))
		}
		user.ChangeEmail(token.NewEmail(), now)
		return events
	}
	events := []domain.Event{event(domain.EventEmailVerified)}
	if withheld && user.PasswordState() == domain.PasswordSet {
		user.DropPassword(now)
		events = append(events, event(domain.EventPasswordDropped))
	}
	user.VerifyEmail(now)
	return events
}
