package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// EraseUser removes a user with its sessions and tokens, and records event. The
// events stay in the audit log, but those that the user caused lose address and user
// agent, unless they are about another user.
func EraseUser(ctx context.Context, r ports.Repositories, user *domain.User, event domain.Event) error {
	if err := r.Audit.Append(ctx, event); err != nil {
		return err
	}
	if err := r.Audit.Erase(ctx, user.ID()); err != nil {
		return err
	}
	return r.Users.Delete(ctx, user)
}

// KeepAnAdmin returns nil if a user remains who can sign in as an administrator
// (domain.User.CanAdminister) without user. Every change that can lower the number of
// such users asks. Call it before the change, inside DoSerializable. Errors: domain.ErrLastAdmin.
func KeepAnAdmin(ctx context.Context, r ports.Repositories, user *domain.User) error {
	if !user.CanAdminister() {
		return nil
	}
	other, err := r.Users.HasOtherAdmin(ctx, user.ID())
	if err != nil {
		return err
	}
	if !other {
		return domain.ErrLastAdmin
	}
	return nil
}

// EndSessions ends all sessions of a user, records event, and returns how many
// sessions were live at now. Errors: domain.ErrUserNotFound.
func EndSessions(ctx context.Context, r ports.Repositories, id domain.UserID, event domain.Event, now time.Time) (int, error) {
	user, err := r.Users.ByID(ctx, id)
	if err != nil {
		return 0, err
	}
	live, err := r.Sessions.LiveByUser(ctx, id, user.SessionEpoch(), now)
	if err != nil {
		return 0, err
	}
	user.EndSessions(now)
	if err := r.Users.Save(ctx, user); err != nil {
		return 0, err
	}
	return len(live), r.Audit.Append(ctx, event)
}
