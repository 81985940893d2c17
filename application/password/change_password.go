package password

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ChangePassword replaces the password of a signed-in user that knows the present
// one.
type ChangePassword struct {
	p         Ports
	passwords kit.Passwords
	devices   *kit.Devices
}

// NewChangePassword returns the use case. The signer signs the token of the device.
func NewChangePassword(p Ports, policy domain.PasswordPolicy, signer ports.TokenSigner) *ChangePassword {
	return &ChangePassword{p, p.Passwords(policy), kit.NewDevices(signer, p.IDs)}
}

// Execute sets the password, ends the other sessions and all one-time tokens,
// forgets the other devices, and keeps the caller's session and device. Errors:
// domain.ErrWrongPassword with the field current_password, the refusals of
// domain.PasswordPolicy and ports.PasswordScreen with the field new_password,
// domain.ErrSessionEnded if the session ended meanwhile,
// domain.ErrUnauthenticated, domain.ErrRateLimited, domain.ErrOverloaded.
func (uc *ChangePassword) Execute(ctx context.Context, cmd ports.ChangePasswordCommand) (ports.DeviceResult, error) {
	checked, own, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.DeviceResult{}, err
	}
	if err := uc.passwords.Admit(cmd.NewPassword, checked.Email(), "new_password"); err != nil {
		return ports.DeviceResult{}, err
	}
	if err := uc.p.Confirmer().Check(ctx, cmd.Principal, checked, cmd.Confirmation, "current_password", cmd.Origin); err != nil {
		return ports.DeviceResult{}, err
	}
	hash, err := uc.p.Hasher.Hash(ctx, cmd.NewPassword)
	if err != nil {
		return ports.DeviceResult{}, err
	}
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventPasswordChanged, cmd.Origin, now).About(checked.ID()).By(cmd.Principal)
	var changed *domain.User
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, session, err := kit.StillSignedIn(ctx, r, checked, own, now)
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
		if err := kit.VoidTokens(ctx, r, user.ID()); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		changed = user
		return kit.Notify(ctx, r, user.ID(), domain.MailPasswordChanged, now)
	})
	if err != nil {
		return ports.DeviceResult{}, err
	}
	return uc.devices.RememberNew(changed, now), nil
}
