package signin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ReplacePassword completes a sign-in of an account whose password must change: the user
// chooses another one, and the session opens.
type ReplacePassword struct {
	flow      *Flow
	passwords kit.Passwords
}

// NewReplacePassword returns the use case.
func NewReplacePassword(f *Flow, policy domain.PasswordPolicy, screen ports.PasswordScreen) *ReplacePassword {
	return &ReplacePassword{f, kit.Passwords{Policy: policy, Screen: screen}}
}

// errSignInOver is a challenge that is of no use any more.
var errSignInOver = domain.ErrInvalidCredentials.WithDetail("This sign-in is over. Begin again with the first step.")

// Execute sets the password, ends all one-time tokens, forgets all devices, and opens a
// session on the proofs of the challenge. A refused password leaves the challenge usable.
// The step counts in the limits of sign-ins. Errors: the refusals of domain.PasswordPolicy and
// ports.PasswordScreen with the field new_password, domain.ErrSamePassword,
// domain.ErrInvalidCredentials if the challenge no longer holds, the refusals of
// domain.SignInPolicy, domain.ErrRateLimited, domain.ErrOverloaded.
func (uc *ReplacePassword) Execute(ctx context.Context, cmd ports.ReplacePasswordCommand) (ports.LoginResult, error) {
	f := uc.flow
	c, genuine := f.p.Signer.ParseChallenge(cmd.Challenge)
	email, err := domain.ParseEmail(c.Email)
	if !genuine || err != nil {
		return ports.LoginResult{}, errSignInOver
	}
	if err := uc.passwords.Admit(cmd.NewPassword, email, "new_password"); err != nil {
		return ports.LoginResult{}, err
	}
	claim := f.devices.Claim(cmd.DeviceToken, email, f.p.Clock.Now())
	place, err := f.p.Hasher.Reserve(ctx, ports.Reservation{
		Network: cmd.Origin.Client.Network(), Known: claim.StatesAddress(), Account: claim.Account(), Hashes: 2,
	})
	if err != nil {
		return ports.LoginResult{}, err
	}
	defer place.Release()
	a, err := f.resume(ctx, cmd.Challenge, cmd.DeviceToken, cmd.Origin)
	if err != nil {
		return ports.LoginResult{}, err
	}
	hash, err := uc.choose(ctx, a, place, cmd.NewPassword)
	if err != nil {
		return ports.LoginResult{}, f.recorded(ctx, a, err)
	}
	result, err := f.OpenAfter(ctx, a.proofs, cmd.Origin, uc.change(a, hash))
	if err == nil {
		err = result.Demand()
	}
	return result, f.recorded(ctx, a, err)
}

// choose returns the hash of the new password, if the sign-in needs nothing but that. Errors:
// domain.ErrInvalidCredentials, domain.ErrSamePassword, the refusals of domain.SignInPolicy,
// domain.ErrOverloaded.
func (uc *ReplacePassword) choose(ctx context.Context, a attempt, place ports.HashPlace, password domain.Secret) (domain.PasswordHash, error) {
	step, err := uc.flow.next(ctx, uc.flow.p.Store.Repositories, a.user, a.proofs)
	switch {
	case err != nil:
		return domain.PasswordHash{}, err
	case !step.PasswordChange:
		return domain.PasswordHash{}, errSignInOver
	}
	match, err := place.Verify(ctx, a.user.PasswordHash(), password)
	switch {
	case err != nil:
		return domain.PasswordHash{}, err
	case match.Matches:
		return domain.PasswordHash{}, domain.ErrSamePassword
	}
	return place.Hash(ctx, password)
}

// change returns the change of the user that the session follows. Errors:
// domain.ErrInvalidCredentials if the proofs no longer hold, or the demand ended.
func (uc *ReplacePassword) change(a attempt, hash domain.PasswordHash) func(context.Context, ports.Repositories) (*domain.User, error) {
	p := uc.flow.p
	now := p.Clock.Now()
	event := kit.Event(p.IDs, domain.EventPasswordChanged, a.origin, now).About(a.user.ID()).ByOwner()
	return func(ctx context.Context, r ports.Repositories) (*domain.User, error) {
		user, err := r.Users.ByID(ctx, a.user.ID())
		if err != nil {
			return nil, kit.Hide(err, errSignInOver)
		}
		if !user.StillProves(a.user) || !user.PasswordChangeRequired() {
			return nil, errSignInOver
		}
		user.SetPassword(hash, now)
		if user.RegistrationPending() {
			user.TakeUp(now)
		}
		if err := r.Users.Save(ctx, user); err != nil {
			return nil, err
		}
		if err := kit.VoidTokens(ctx, r, user.ID()); err != nil {
			return nil, err
		}
		return user, kit.Mails(r, p.IDs, now).Notice(ctx, user.ID(), domain.MailPasswordChanged, a.origin.Client, event)
	}
}
