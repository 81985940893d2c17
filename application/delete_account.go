package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DeleteAccount deletes the caller's own account with all that belongs to it.
type DeleteAccount struct{ d Dependencies }

// NewDeleteAccount returns the use case.
func NewDeleteAccount(d Dependencies) *DeleteAccount { return &DeleteAccount{d} }

// Execute deletes the account. Errors: domain.ErrWrongPassword at /password,
// domain.ErrLastAdmin, domain.ErrSessionEnded if the session ended meanwhile,
// domain.ErrUnauthenticated, domain.ErrOverloaded.
func (uc *DeleteAccount) Execute(ctx context.Context, cmd ports.DeleteAccountCommand) (ports.None, error) {
	checked, own, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.None{}, err
	}
	if err := uc.d.confirmPassword(ctx, checked, cmd.Password, "/password"); err != nil {
		return ports.None{}, err
	}
	return ports.None{}, uc.d.Work.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, _, err := stillSignedIn(ctx, r, checked, own, uc.d.Clock.Now())
		if err != nil {
			return err
		}
		if err := keepAnAdmin(ctx, r, user); err != nil {
			return err
		}
		return r.Users.Delete(ctx, user)
	})
}

// keepAnAdmin refuses to lose user as an administrator if there is no other.
// Ask before the change, inside DoSerializable. Errors: domain.ErrLastAdmin.
func keepAnAdmin(ctx context.Context, r ports.Repositories, user *domain.User) error {
	if !user.IsActiveAdmin() {
		return nil
	}
	other, err := r.Users.HasOtherActiveAdmin(ctx, user.ID())
	if err != nil {
		return err
	}
	if !other {
		return domain.ErrLastAdmin
	}
	return nil
}
