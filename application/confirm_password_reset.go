package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ConfirmPasswordReset sets a password by the secret from a reset or an
// invitation mail. Whoever holds the secret reads the mails of the address, so
// the address counts as verified from then on.
type ConfirmPasswordReset struct{ d Dependencies }

// NewConfirmPasswordReset returns the use case.
func NewConfirmPasswordReset(d Dependencies) *ConfirmPasswordReset { return &ConfirmPasswordReset{d} }

// Execute sets the password, ends all sessions and all other tokens of the user,
// forgets its devices and remembers the one that asked, so that its owner gets in
// whatever others have done to the limits. A refused password leaves the token usable. Errors:
// domain.ErrInvalidToken, the refusals of domain.PasswordPolicy and
// ports.PasswordScreen at new_password, domain.ErrRateLimited,
// domain.ErrOverloaded.
func (uc *ConfirmPasswordReset) Execute(ctx context.Context, cmd ports.ConfirmPasswordResetCommand) (ports.DeviceResult, error) {
	if err := uc.d.take(ctx, cmd.Origin, domain.UserID{}, count{ports.LimitTokenIP, cmd.Origin.Client.Network()}); err != nil {
		return ports.DeviceResult{}, err
	}
	secretHash := domain.HashTokenSecret(cmd.Token)
	token, user, err := tokenAndUser(ctx, uc.d.Stores, domain.UseSetPassword, secretHash)
	if err != nil {
		return ports.DeviceResult{}, err
	}
	if err := token.CheckUsable(user, uc.d.Clock.Now()); err != nil {
		return ports.DeviceResult{}, err
	}
	hash, err := uc.d.newPassword(ctx, cmd.NewPassword, user.Email(), "new_password")
	if err != nil {
		return ports.DeviceResult{}, err
	}
	now := uc.d.Clock.Now()
	var changed *domain.User
	err = uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		token, user, err := tokenAndUser(ctx, r, domain.UseSetPassword, secretHash)
		if err != nil {
			return err
		}
		if err := token.Redeem(user, now); err != nil {
			return err
		}
		// The save is what makes the token single-use: of several at once
		// only one is not stale.
		if err := r.Tokens.Save(ctx, token); err != nil {
			return err
		}
		user.SetPassword(hash, now)
		user.VerifyEmail(now)
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		if err := voidTokens(ctx, r, user.ID()); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, uc.d.event(domain.EventPasswordReset, cmd.Origin, now).About(user.ID()).ByOwner()); err != nil {
			return err
		}
		changed = user
		return notify(ctx, r, user.ID(), ports.MailPasswordChanged, now)
	})
	if err != nil {
		return ports.DeviceResult{}, err
	}
	return uc.d.remember(uc.d.IDs.NewDeviceID(), changed, now), nil
}

// voidTokens ends every unused one-time token of a user whose password changes. The
// pending change of an address is one of them: whoever else knew the password
// may have asked for it.
func voidTokens(ctx context.Context, r ports.Repositories, id domain.UserID) error {
	for _, use := range []domain.TokenUse{domain.UseSetPassword, domain.UseConfirmEmail} {
		if err := r.Tokens.DeleteByUser(ctx, use, id); err != nil {
			return err
		}
	}
	return nil
}
