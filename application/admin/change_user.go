package admin

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ChangeUser lets an administrator change a user's role, status and address.
type ChangeUser struct{ p Ports }

// NewChangeUser returns the use case.
func NewChangeUser(p Ports) *ChangeUser { return &ChangeUser{p} }

// Execute makes the change, which holds from the user's next request on, and mails the
// user about it. Disabling ends all sessions, and so does a new address. A role, status
// or address that the user has already changes nothing. If the address is not confirmed,
// a role above user is part of an invitation instead: password, sessions and tokens go,
// and the user gets the role by accepting the mail. A new address is not confirmed, so
// that holds for the role that the user has, too. Only the operator may set a confirmed
// address. The former address, if it was confirmed, can undo the change.
//
// Errors: domain.ErrInvalidRole, domain.ErrInvalidStatus, domain.ErrInvalidEmail,
// domain.ErrInvalidParameter without anything to change, or to invite a disabled
// account; domain.ErrUserNotFound, domain.ErrEmailTaken, domain.ErrLastAdmin,
// domain.ErrRateLimited, domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ChangeUser) Execute(ctx context.Context, cmd ports.ChangeUserCommand) (ports.UserResult, error) {
	id, err := target(cmd.Principal, cmd.UserID)
	if err != nil {
		return ports.UserResult{}, err
	}
	wanted, err := parseChange(cmd)
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
		return uc.apply(ctx, r, user, cmd, wanted)
	})
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: changed}, nil
}

// parseChange returns the wanted values. An empty one stays as it is.
func parseChange(cmd ports.ChangeUserCommand) (c change, err error) {
	if cmd.Role == nil && cmd.Status == nil && cmd.Email == nil {
		return change{}, domain.ErrInvalidParameter.WithDetail("Give a role, a status or an address.")
	}
	if cmd.Role != nil {
		if c.role, err = domain.ParseRole(*cmd.Role); err != nil {
			return change{}, err
		}
	}
	if cmd.Status != nil {
		if c.status, err = domain.ParseStatus(*cmd.Status); err != nil {
			return change{}, err
		}
	}
	if cmd.Email != nil {
		if c.email, err = domain.ParseNewEmail(*cmd.Email); err != nil {
			return change{}, err
		}
	}
	if cmd.EmailVerified || cmd.Recover {
		if _, err := cmd.Principal.Account(); err == nil {
			return change{}, domain.ErrForbidden
		}
		c.verified, c.recovers = cmd.EmailVerified, cmd.Recover
	}
	return c, nil
}

// change is what a command changes in one user.
type change struct {
	role   domain.Role   // empty if the role stays
	status domain.Status // empty if the status stays
	email  domain.Email  // zero if the address stays
	// verified is true if the new address counts as confirmed.
	verified bool
	// recovers is true if the account goes back to its owner.
	recovers bool
	// invites is true if the role becomes part of an invitation, because no mail has
	// confirmed the address.
	invites bool
}

// of returns what differs from the stored user. A role above user that was
// offered to an unconfirmed account is offered again, because the first mail may be
// lost or too old. Errors: domain.ErrInvalidParameter for such a role of a disabled
// account, whose invitation could not be accepted.
func (c change) of(user *domain.User) (change, error) {
	closed := c.status == domain.StatusDisabled || c.status == "" && user.Status() == domain.StatusDisabled
	if c.status == user.Status() {
		c.status = ""
	}
	if c.email == user.Email() && !c.recovers {
		c.email = domain.Email{}
	}
	confirmed := user.EmailVerified()
	if !c.email.IsZero() {
		confirmed = c.verified
	}
	c.invites = c.role.AboveUser() && !confirmed
	if !c.invites && c.role == user.GrantedRole() && user.InvitedRole() == "" {
		c.role = ""
	}
	switch {
	case !closed:
	case c.invites:
		return change{}, domain.ErrInvalidParameter.WithField("role").
			WithDetail("The address is not confirmed, so the role needs an invitation, and a disabled account cannot accept one. Enable the account with the same request.")
	case c.movesRole(user):
		return change{}, domain.ErrInvalidParameter.WithField("email").
			WithDetail("The role of the account needs an invitation at the new address, and a disabled account cannot accept one. Enable the account or take the role with the same request.")
	}
	return c, nil
}

// movesRole reports whether the role that the user has, or was offered, becomes part of
// an invitation to the new address.
func (c change) movesRole(user *domain.User) bool {
	return !c.email.IsZero() && !c.verified && c.role == "" && (user.Role().AboveUser() || user.InvitedRole() != "")
}

// lowersAdmins reports whether the change can lower the number of administrators who can
// sign in.
func (c change) lowersAdmins() bool {
	return c.role != "" && c.role != domain.RoleAdmin || c.status == domain.StatusDisabled ||
		!c.email.IsZero() && (!c.verified || c.recovers)
}

func (uc *ChangeUser) apply(ctx context.Context, r ports.Repositories, user *domain.User, cmd ports.ChangeUserCommand, wanted change) error {
	c, err := wanted.of(user)
	if err != nil || c.role == "" && c.status == "" && c.email.IsZero() {
		return err
	}
	if c.lowersAdmins() {
		if err := kit.KeepAnAdmin(ctx, r, user); err != nil {
			return err
		}
	}
	now := uc.p.Clock.Now()
	if !c.email.IsZero() {
		if err := uc.leaveAddress(ctx, r, user, c, now); err != nil {
			return err
		}
	}
	role := user.GrantedRole()
	events := uc.carryOut(c, user, cmd, now)
	if err := r.Users.Save(ctx, user); err != nil {
		return err
	}
	if err := kit.Record(ctx, r, events); err != nil {
		return err
	}
	return uc.tell(ctx, r, user, c, role, now)
}

// carryOut changes the user, and returns the events of the change.
func (uc *ChangeUser) carryOut(c change, user *domain.User, cmd ports.ChangeUserCommand, now time.Time) (events []domain.Event) {
	record := func(t domain.EventType, detail string) {
		events = append(events, kit.Event(uc.p.IDs, t, cmd.Origin, now).About(user.ID()).By(cmd.Principal).Saying(detail))
	}
	if !c.email.IsZero() {
		assignAddress(c, user, record, now)
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

// tell mails the user what changed. role is the stored role before the change. An
// invitation tells of its role itself.
func (uc *ChangeUser) tell(ctx context.Context, r ports.Repositories, user *domain.User, c change, role domain.Role, now time.Time) error {
	if c.invites {
		if err := sendInvitation(ctx, r, uc.p.IDs, user, now); err != nil {
			return err
		}
	} else if !c.email.IsZero() {
		if err := uc.tellNewAddress(ctx, r, user, c, now); err != nil {
			return err
		}
	}
	var notices []domain.MailKind
	if user.GrantedRole() != role && user.InvitedRole() == "" {
		notices = append(notices, domain.MailRoleChanged)
	}
	switch c.status {
	case domain.StatusDisabled:
		notices = append(notices, domain.MailAccountDisabled)
	case domain.StatusActive:
		notices = append(notices, domain.MailAccountEnabled)
	}
	for _, notice := range notices {
		if err := kit.Notify(ctx, r, user.ID(), notice, now); err != nil {
			return err
		}
	}
	return nil
}
