package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DeleteUser lets an administrator delete a user.
type DeleteUser struct{ p Ports }

// NewDeleteUser returns the use case.
func NewDeleteUser(p Ports) *DeleteUser { return &DeleteUser{p} }

// Execute deletes the user with sessions and tokens, and mails the user about it.
// Administrators cannot delete their own account so while a change of its address can be
// undone, as they cannot by DeleteAccount. Errors: domain.ErrUserNotFound, domain.ErrLastAdmin,
// domain.ErrUndoOpen, domain.ErrRateLimited, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *DeleteUser) Execute(ctx context.Context, cmd ports.DeleteUserCommand) (ports.None, error) {
	id, err := target(cmd.Principal, domain.PermissionManageUsers, cmd.UserID)
	if err != nil {
		return ports.None{}, err
	}
	if err := takeWrite(ctx, uc.p, cmd.Origin, cmd.Principal); err != nil {
		return ports.None{}, err
	}
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventUserDeleted, cmd.Origin, now).About(id).By(cmd.Principal)
	return ports.None{}, uc.p.Store.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, id)
		if err != nil {
			return err
		}
		if err := kit.KeepAnAdmin(ctx, r, user); err != nil {
			return err
		}
		if acting, err := cmd.Principal.Account(); err == nil && acting.ID() == id {
			if err := kit.NoOpenUndo(ctx, r, id, now); err != nil {
				return err
			}
		}
		if err := kit.EraseUser(ctx, r, user, event); err != nil {
			return err
		}
		if !user.EmailVerified() {
			return nil // the reader of the address may never have had an account
		}
		return kit.Mails(r, uc.p.IDs, now).Farewell(ctx, user.Email(), id, domain.MailAccountDeleted, nil, domain.Client{})
	})
}
