package admin

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ChangeUser lets an administrator change a user's role and status.
type ChangeUser struct{ p Ports }

// NewChangeUser returns the use case.
func NewChangeUser(p Ports) *ChangeUser { return &ChangeUser{p} }

// Execute makes the change, which holds from the user's next request on. Disabling
// ends all sessions. A role or status that the user has already changes nothing. If
// the address is not confirmed, a role above user is part of an invitation instead:
// password, sessions and tokens go, and the user gets the role by accepting the mail.
// Errors: domain.ErrInvalidRole, domain.ErrInvalidStatus,
// domain.ErrInvalidParameter without a role and a status, or to invite a disabled
// account; domain.ErrUserNotFound,
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

// change is what a command changes in one user.
type change struct {
	role   domain.Role   // empty if the role stays
	status domain.Status // empty if the status stays
	// invites is true if the role becomes part of an invitation, because no mail has
	// confirmed the address.
	invites bool
}

// changeOf returns what differs from the stored user. A role above user that was
// offered to an unconfirmed account is offered again, because the first mail may be
// lost or too old. Errors: domain.ErrInvalidParameter for such a role of a disabled
// account, whose invitation could not be accepted.
func changeOf(user *domain.User, role domain.Role, status domain.Status) (change, error) {
	c := change{role: role, status: status}
	if status == user.Status() {
		c.status = ""
	}
	c.invites = role.AboveUser() && !user.EmailVerified()
	switch {
	case !c.invites:
		if role == user.GrantedRole() && user.InvitedRole() == "" {
			c.role = ""
		}
	case status == domain.StatusDisabled || status == "" && user.Status() == domain.StatusDisabled:
		return change{}, domain.ErrInvalidParameter.WithField("role").
			WithDetail("The address is not confirmed, so the role needs an invitation, and a disabled account cannot accept one. Enable the account with the same request.")
	}
	return c, nil
}

func (uc *ChangeUser) apply(ctx context.Context, r ports.Repositories, user *domain.User, cmd ports.ChangeUserCommand, role domain.Role, status domain.Status) error {
	c, err := changeOf(user, role, status)
	if err != nil || c.role == "" && c.status == "" {
		return err
	}
	if c.role != "" && c.role != domain.RoleAdmin || c.status == domain.StatusDisabled {
		if err := kit.KeepAnAdmin(ctx, r, user); err != nil {
			return err
		}
	}
	now := uc.p.Clock.Now()
	events := uc.carryOut(c, user, cmd, now)
	if err := r.Users.Save(ctx, user); err != nil {
		return err
	}
	if err := kit.Record(ctx, r, events); err != nil {
		return err
	}
	if c.invites {
		return sendInvitation(ctx, r, uc.p.IDs, user, now)
	}
	return nil
}

// carryOut changes the user, and returns the events of the change.
func (uc *ChangeUser) carryOut(c change, user *domain.User, cmd ports.ChangeUserCommand, now time.Time) (events []domain.Event) {
	record := func(t domain.EventType, detail string) {
		events = append(events, kit.Event(uc.p.IDs, t, cmd.Origin, now).About(user.ID()).By(cmd.Principal).Saying(detail))
	}
	switch {
	case c.invites:
		if user.PasswordState() == domain.PasswordSet {
			record(domain.EventPasswordDropped, "")
		}
		user.Invite(c.role, now)
		record(domain.EventRoleInvited, c.role.String())
	case c.role != "":
		user.ChangeRole(c.role, now)
		record(domain.EventRoleChanged, c.role.String())
	}
	switch c.status {
	case domain.StatusDisabled:
		user.Disable(now)
	case domain.StatusActive:
		user.Enable(now)
	default:
		return events
	}
	record(domain.EventStatusChanged, c.status.String())
	return events
}
