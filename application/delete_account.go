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

// Execute deletes the account. Errors: domain.ErrWrongPassword at password,
// domain.ErrLastAdmin, domain.ErrSessionEnded if the session ended meanwhile,
// domain.ErrUnauthenticated, domain.ErrRateLimited, domain.ErrOverloaded.
func (uc *DeleteAccount) Execute(ctx context.Context, cmd ports.DeleteAccountCommand) (ports.None, error) {
	checked, own, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.None{}, err
	}
	if err := uc.d.confirmPassword(ctx, cmd.Principal, checked, cmd.Password, "password", cmd.Origin); err != nil {
		return ports.None{}, err
	}
	now := uc.d.Clock.Now()
	event := uc.d.event(domain.EventUserDeleted, cmd.Origin, now).About(checked.ID()).By(cmd.Principal)
	return ports.None{}, uc.d.Work.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, _, err := stillSignedIn(ctx, r, checked, own, now)
		if err != nil {
			return err
		}
		if err := keepAnAdmin(ctx, r, user); err != nil {
			return err
		}
		return deleteUser(ctx, r, user, event)
	})
}

// deleteUser removes a user with all that is stored about it. What stays is the
// trail of events, of which those it caused no longer say from where.
func deleteUser(ctx context.Context, r ports.Repositories, user *domain.User, event domain.Event) error {
	if err := r.Audit.Append(ctx, event); err != nil {
		return err
	}
	if err := r.Audit.EraseClient(ctx, user.ID()); err != nil {
		return err
	}
	return r.Users.Delete(ctx, user)
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
