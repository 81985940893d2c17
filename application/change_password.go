package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ChangePassword replaces the password of somebody who is signed in and knows
// the present one.
type ChangePassword struct{ d Dependencies }

// NewChangePassword returns the use case.
func NewChangePassword(d Dependencies) *ChangePassword { return &ChangePassword{d} }

// Execute sets the password, ends the other sessions and all one-time tokens,
// forgets the other devices, and keeps the session and the device that asked. Errors: domain.ErrWrongPassword at
// /current_password, the refusals of domain.PasswordPolicy and
// ports.PasswordScreen at new_password, domain.ErrSessionEnded if it ended
// meanwhile, domain.ErrUnauthenticated, domain.ErrRateLimited,
// domain.ErrOverloaded.
func (uc *ChangePassword) Execute(ctx context.Context, cmd ports.ChangePasswordCommand) (ports.DeviceResult, error) {
	checked, own, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.DeviceResult{}, err
	}
	if err := uc.d.admitPassword(cmd.NewPassword, checked.Email(), "new_password"); err != nil {
		return ports.DeviceResult{}, err
	}
	if err := uc.d.confirmPassword(ctx, cmd.Principal, checked, cmd.CurrentPassword, "current_password", cmd.Origin); err != nil {
		return ports.DeviceResult{}, err
	}
	hash, err := uc.d.Hasher.Hash(ctx, cmd.NewPassword)
	if err != nil {
		return ports.DeviceResult{}, err
	}
	now := uc.d.Clock.Now()
	event := uc.d.event(domain.EventPasswordChanged, cmd.Origin, now).About(checked.ID()).By(cmd.Principal)
	var changed *domain.User
	err = uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, session, err := stillSignedIn(ctx, r, checked, own, now)
		if err != nil {
			return err
		}
		user.SetPassword(hash, now)
		session.Follow(user)
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		if err := r.Sessions.Save(ctx, session); err != nil {
			return err
		}
		if err := voidTokens(ctx, r, user.ID()); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, event); err != nil {
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
