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
	sessions  Sessions
}

// NewChangePassword returns the use case.
func NewChangePassword(p Ports, policy domain.PasswordPolicy, sessions Sessions) *ChangePassword {
	return &ChangePassword{p, p.Passwords(policy), sessions}
}

// Execute sets the password, ends all sessions and all one-time tokens, forgets all
// devices, and signs the caller in again: the present password is the proof. Errors:
// domain.ErrWrongPassword with the field current_password, the refusals of
// domain.PasswordPolicy and ports.PasswordScreen with the field new_password,
// domain.ErrSamePassword, domain.ErrSessionEnded if the session ended meanwhile,
// domain.ErrUnauthenticated, domain.ErrRateLimited, domain.ErrOverloaded.
func (uc *ChangePassword) Execute(ctx context.Context, cmd ports.ChangePasswordCommand) (ports.LoginResult, error) {
	checked, own, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.LoginResult{}, err
	}
	if err := uc.passwords.Admit(cmd.NewPassword, checked.Email(), "new_password"); err != nil {
		return ports.LoginResult{}, err
	}
	if cmd.NewPassword.Equal(cmd.Confirmation.Password) {
		return ports.LoginResult{}, domain.ErrSamePassword
	}
	place, err := uc.p.PlaceInSession(ctx, cmd.Origin, cmd.Principal, 2)
	if err != nil {
		return ports.LoginResult{}, err
	}
	defer place.Release()
	if err := uc.p.Confirmer().Check(ctx, place, cmd.Principal, checked, cmd.Confirmation, "current_password", cmd.Origin); err != nil {
		return ports.LoginResult{}, err
	}
	proofs := domain.Proofs{domain.ProofByPassword(uc.p.Clock.Now())}
	hash, err := place.Hash(ctx, cmd.NewPassword)
	if err != nil {
		return ports.LoginResult{}, err
	}
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventPasswordChanged, cmd.Origin, now).About(checked.ID()).By(cmd.Principal)
	result, err := uc.sessions.OpenAfter(ctx, proofs, cmd.Origin, func(ctx context.Context, r ports.Repositories) (*domain.User, error) {
		user, err := kit.StillSignedIn(ctx, r, checked, own, now)
		if err != nil {
			return nil, err
		}
		user.SetPassword(hash, now)
		if err := r.Users.Save(ctx, user); err != nil {
			return nil, err
		}
		if err := kit.VoidTokens(ctx, r, user.ID()); err != nil {
			return nil, err
		}
		return user, kit.Mails(r, uc.p.IDs, now).Notice(ctx, user.ID(), domain.MailPasswordChanged, cmd.Origin.Client, event)
	})
	if err != nil {
		return ports.LoginResult{}, err
	}
	return result, result.Demand()
}
