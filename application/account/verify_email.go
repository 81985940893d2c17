package account

import (
	"context"
	"errors"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// VerifyEmail confirms an address by the secret that its owner got by mail.
type VerifyEmail struct{ p Ports }

// NewVerifyEmail returns the use case.
func NewVerifyEmail(p Ports) *VerifyEmail { return &VerifyEmail{p} }

// Execute confirms the address. All sessions live on. An account without a password
// gets a mail to choose one. Errors:
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
		confirms := domain.EventEmailVerified
		if token.Purpose() == domain.MailChangeEmail {
			confirms = domain.EventEmailChanged
			user.ChangeEmail(token.NewEmail(), now)
		} else {
			user.VerifyEmail(now)
		}
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, kit.Event(uc.p.IDs, confirms, cmd.Origin, now).About(user.ID()).ByOwner()); err != nil {
			return err
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
