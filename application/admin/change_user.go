package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ChangeUser lets an administrator change a user's role and status.
type ChangeUser struct{ p Ports }

// NewChangeUser returns the use case.
func NewChangeUser(p Ports) *ChangeUser { return &ChangeUser{p} }

// Execute makes the change, which holds from the user's next request on. Disabling
// ends all sessions. A role or status that the user has already changes nothing.
// Errors: domain.ErrInvalidRole, domain.ErrInvalidStatus,
// domain.ErrInvalidParameter without a role and a status, domain.ErrUserNotFound,
// domain.ErrLastAdmin, domain.ErrRateLimited, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *ChangeUser) Execute(ctx context.Context, cmd ports.ChangeUserCommand) (ports.UserResult, error) {
	id, err := target(cmd.Principal, cmd.UserID)
	if err != nil {
		return ports.UserResult{}, err
	}
	role, status, err := parseChange(cmd)
	if err != nil {
		return ports.UserResult{}, err
	}
	if err := takeWrite(ctx, uc.p, cmd.Origin, cmd.Principal); err != nil {
		return ports.UserResult{}, err
	}
	var changed *domain.User
	err = uc.p.Store.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, id)
		if err != nil {
			return err
		}
		changed = user
		return uc.apply(ctx, r, user, cmd, role, status)
	})
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: changed}, nil
}

// parseChange returns the wanted role and status. An empty one stays as it is.
func parseChange(cmd ports.ChangeUserCommand) (role domain.Role, status domain.Status, err error) {
	if cmd.Role == nil && cmd.Status == nil {
		return "", "", domain.ErrInvalidParameter.WithDetail("Give a role, a status or both.")
	}
	if cmd.Role != nil {
		if role, err = domain.ParseRole(*cmd.Role); err != nil {
			return "", "", err
		}
	}
	if cmd.Status != nil {
		if status, err = domain.ParseStatus(*cmd.Status); err != nil {
			return "", "", err
		}
	}
	return role, status, nil
}

func (uc *ChangeUser) apply(ctx context.Context, r ports.Repositories, user *domain.User, cmd ports.ChangeUserCommand, role domain.Role, status domain.Status) error {
	newRole := role != "" && role != user.Role()
	newStatus := status != "" && status != user.Status()
	if !newRole && !newStatus {
		return nil
	}
	if newRole && role != domain.RoleAdmin || newStatus && status == domain.StatusDisabled {
		if err := kit.KeepAnAdmin(ctx, r, user); err != nil {
			return err
		}
	}
	now := uc.p.Clock.Now()
	var events []domain.Event
	record := func(t domain.EventType, detail string) {
		events = append(events, kit.Event(uc.p.IDs, t, cmd.Origin, now).About(user.ID()).By(cmd.Principal).Saying(detail))
	}
	if newRole {
		user.ChangeRole(role, now)
		record(domain.EventRoleChanged, role.String())
	}
	if newStatus && status == domain.StatusDisabled {
		user.Disable(now)
	} else if newStatus {
		user.Enable(now)
	}
	if newStatus {
		record(domain.EventStatusChanged, status.String())
	}
	if err := r.Users.Save(ctx, user); err != nil {
		return err
	}
	for _, event := range events {
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
	}
	return nil
}
