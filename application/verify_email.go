package application

import (
	"context"
	"errors"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// VerifyEmail confirms an address by the secret its owner got by mail.
type VerifyEmail struct{ d Dependencies }

// NewVerifyEmail returns the use case.
func NewVerifyEmail(d Dependencies) *VerifyEmail { return &VerifyEmail{d} }

// Execute confirms the address. It ends no session. An account that lost its
// password to a second registration gets a mail to choose one. Errors:
// domain.ErrInvalidToken for every cause, domain.ErrRateLimited.
func (uc *VerifyEmail) Execute(ctx context.Context, cmd ports.VerifyEmailCommand) (ports.UserResult, error) {
	if err := uc.d.take(ctx, cmd.Origin, domain.UserID{}, count{ports.LimitTokenIP, cmd.Origin.Client.Network()}); err != nil {
		return ports.UserResult{}, err
	}
	hash := domain.HashTokenSecret(cmd.Token)
	now := uc.d.Clock.Now()
	var confirmed *domain.User
	err := uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		token, user, err := tokenAndUser(ctx, r, domain.UseConfirmEmail, hash)
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
		if token.Purpose() == domain.PurposeChangeEmail {
			confirms = domain.EventEmailChanged
			user.ChangeEmail(token.NewEmail(), now)
		} else {
			user.VerifyEmail(now)
		}
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, uc.d.event(confirms, cmd.Origin, now).About(user.ID()).ByOwner()); err != nil {
			return err
		}
		confirmed = user
		if user.PasswordState() == domain.PasswordSet {
			return nil
		}
		reset := domain.IssueToken(uc.d.IDs.NewTokenID(), domain.PurposeResetPassword, user, now)
		return mailToken(ctx, r, reset, now)
	})
	if errors.Is(err, domain.ErrEmailTaken) {
		// Somebody else confirmed the new address first.
		return ports.UserResult{}, domain.ErrInvalidToken
	}
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: confirmed}, nil
}

// tokenAndUser loads a token by the hash of its secret, with its user. Errors:
// domain.ErrInvalidToken.
func tokenAndUser(ctx context.Context, r ports.Repositories, use domain.TokenUse, hash [32]byte) (*domain.Token, *domain.User, error) {
	token, err := r.Tokens.BySecretHash(ctx, use, hash)
	if err != nil {
		return nil, nil, hide(err, domain.ErrInvalidToken)
	}
	user, err := r.Users.ByID(ctx, token.UserID())
	if err != nil {
		return nil, nil, hide(err, domain.ErrInvalidToken)
	}
	return token, user, nil
}
