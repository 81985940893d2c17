package password

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ConfirmPasswordReset sets a password by the secret from a reset or an invitation
// mail. It also verifies the address, because a user with the secret reads the
// mails of the address.
type ConfirmPasswordReset struct {
	p         Ports
	passwords kit.Passwords
	devices   *kit.Devices
}

// NewConfirmPasswordReset returns the use case. The signer signs the token of the device.
func NewConfirmPasswordReset(p Ports, policy domain.PasswordPolicy, signer ports.TokenSigner) *ConfirmPasswordReset {
	return &ConfirmPasswordReset{p, p.Passwords(policy), kit.NewDevices(signer, p.IDs)}
}

// Execute sets the password, ends all sessions and all other tokens of the user, and
// forgets the user's devices. It ends a lock by wrong passwords. The token of an invitation also gives the role that was
// offered with it. Execute remembers the caller's device, so that the user can log in
// even if attackers have used up the other rate limits. A refused password
// leaves the token usable. Errors: domain.ErrInvalidToken, the refusals of
// domain.PasswordPolicy and ports.PasswordScreen with the field new_password,
// domain.ErrSamePassword for a password that must change, domain.ErrRateLimited,
// domain.ErrOverloaded.
func (uc *ConfirmPasswordReset) Execute(ctx context.Context, cmd ports.ConfirmPasswordResetCommand) (ports.DeviceResult, error) {
	place, err := uc.p.Place(ctx, cmd.Origin, 2)
	if err != nil {
		return ports.DeviceResult{}, err
	}
	defer place.Release()
	if err := uc.p.Limits().Take(ctx, cmd.Origin, domain.UserID{}, ports.Count{Limit: ports.LimitTokenIP, Key: cmd.Origin.Client.Network()}); err != nil {
		return ports.DeviceResult{}, err
	}
	secretHash := domain.HashTokenSecret(cmd.TokenSecret)
	token, checked, err := kit.TokenAndUser(ctx, uc.p.Store.Repositories, domain.UseSetPassword, secretHash)
	if err != nil {
		return ports.DeviceResult{}, err
	}
	if err := token.CheckUsable(checked, uc.p.Clock.Now()); err != nil {
		return ports.DeviceResult{}, err
	}
	hash, err := uc.choose(ctx, place, checked, cmd.NewPassword)
	if err != nil {
		return ports.DeviceResult{}, err
	}
	now := uc.p.Clock.Now()
	var changed *domain.User
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		token, user, metadata, err := kit.TokenUserAndMetadata(ctx, r, domain.UseSetPassword, secretHash)
		if err != nil {
			return err
		}
		if err := token.Redeem(user, now); err != nil {
			return err
		}
		// This save makes the token single-use: of several concurrent saves, only
		// one is not stale.
		if err := r.Tokens.Save(ctx, token); err != nil {
			return err
		}
		demanded := user.PasswordChangeRequired() && !checked.PasswordChangeRequired()
		events := uc.take(token, user, hash, cmd.Origin, now)
		if demanded { // meanwhile, so the password was not compared
			user.RequirePasswordChange(now)
		}
		if metadata.LosesProfile(user) {
			events = append(events, uc.event(domain.EventProfileChanged, user, cmd.Origin, now))
		}
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		if err := kit.VoidTokens(ctx, r, user.ID()); err != nil {
			return err
		}
		if err := r.Failures.Clear(ctx, ports.FailuresOf(user.Email()), ports.FailuresOfCodes(user.ID())); err != nil {
			return err
		}
		changed = user
		return kit.Mails(r, uc.p.IDs, now).Notice(ctx, user.ID(), domain.MailPasswordChanged, cmd.Origin.Client, events...)
	})
	if err != nil {
		return ports.DeviceResult{}, err
	}
	return uc.devices.RememberNew(changed, now), nil
}

// choose returns the hash of the new password of user. Only a password that must change may
// not stay, so only then the present one costs a second hash. Errors: the refusals of
// kit.Passwords, domain.ErrSamePassword, domain.ErrOverloaded.
func (uc *ConfirmPasswordReset) choose(ctx context.Context, place ports.HashPlace, user *domain.User, password domain.Secret) (domain.PasswordHash, error) {
	if err := uc.passwords.Admit(password, user.Email(), "new_password"); err != nil {
		return domain.PasswordHash{}, err
	}
	if user.PasswordChangeRequired() {
		match, err := place.Verify(ctx, user.PasswordHash(), password)
		switch {
		case err != nil:
			return domain.PasswordHash{}, err
		case match.Matches:
			return domain.PasswordHash{}, domain.ErrSamePassword
		}
	}
	return place.Hash(ctx, password)
}

// take sets the password and confirms the address. Only the token of an invitation
// gives the role that was offered with it.
func (uc *ConfirmPasswordReset) take(token *domain.Token, user *domain.User, hash domain.PasswordHash, o ports.Origin, now time.Time) []domain.Event {
	events := []domain.Event{uc.event(domain.EventPasswordReset, user, o, now)}
	if token.Purpose() != domain.MailInvitation {
		user.ResetPassword(hash, now)
		return events
	}
	if role := user.InvitedRole(); role != "" {
		events = append(events, uc.event(domain.EventRoleChanged, user, o, now).Saying(role.String()))
	}
	user.AcceptInvitation(hash, now)
	return events
}

func (uc *ConfirmPasswordReset) event(t domain.EventType, user *domain.User, o ports.Origin, now time.Time) domain.Event {
	return kit.Event(uc.p.IDs, t, o, now).About(user.ID()).ByOwner()
}
