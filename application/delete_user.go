package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DeleteUser lets an administrator delete a user.
type DeleteUser struct{ d Dependencies }

// NewDeleteUser returns the use case.
func NewDeleteUser(d Dependencies) *DeleteUser { return &DeleteUser{d} }

// Execute deletes the user with sessions and tokens. Errors:
// domain.ErrUserNotFound, domain.ErrLastAdmin, domain.ErrRateLimited, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *DeleteUser) Execute(ctx context.Context, cmd ports.DeleteUserCommand) (ports.None, error) {
	id, err := adminTarget(cmd.Principal, cmd.UserID)
	if err != nil {
		return ports.None{}, err
	}
	if err := uc.d.takeAdminWrite(ctx, cmd.Origin, cmd.Principal); err != nil {
		return ports.None{}, err
	}
	event := uc.d.event(domain.EventUserDeleted, cmd.Origin, uc.d.Clock.Now()).About(id).By(cmd.Principal)
	return ports.None{}, uc.d.Work.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, id)
		if err != nil {
			return err
		}
		if err := keepAnAdmin(ctx, r, user); err != nil {
			return err
		}
		return deleteUser(ctx, r, user, event)
	})
}
