package admin

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ChangeUser lets an administrator change a user's role, status, address, metadata and the
// demand for a new password.
type ChangeUser struct {
	p Ports
	// unproven is what becomes of a password that nothing proves, when an administrator
	// confirms the address.
	unproven domain.Unproven
	claims   domain.ClaimMap
}

// NewChangeUser returns the use case. Metadata keeps the rules of claims.
func NewChangeUser(p Ports, unproven domain.Unproven, claims domain.ClaimMap) *ChangeUser {
	return &ChangeUser{p, unproven, claims}
}

// Execute makes the change, which holds from the user's next request on, and mails the
// user about it. Disabling ends all sessions, and so does a new address. A role, status
// or address that the user has already changes nothing. If the address is not confirmed,
// a role above user is part of an invitation instead: password, sessions and tokens go,
// and the user gets the role by accepting the mail. A new address is not confirmed unless
// cmd.EmailVerified is set, so that holds for the role that the user has, too. The former
// address, if it was confirmed, can undo the change. cmd.EmailVerified without a new address
// confirms the present one, as confirmByHand says.
//
// Errors: domain.ErrInvalidRole, domain.ErrInvalidStatus, domain.ErrInvalidEmail,
// domain.ErrInvalidParameter without anything to change, to invite a disabled account, to
// demand a new password of an account without one, or for a reason that breaks its rules; domain.ErrInvalidMetadata, domain.ErrVersionConflict, domain.ErrUserNotFound, domain.ErrEmailTaken, domain.ErrLastAdmin,
// domain.ErrRateLimited, domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ChangeUser) Execute(ctx context.Context, cmd ports.ChangeUserCommand) (ports.UserResult, error) {
	id, err := target(cmd.Principal, domain.PermissionManageUsers, cmd.UserID)
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
	var result ports.UserResult
	err = uc.p.Store.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, metadata, err := r.Users.WithMetadata(ctx, id)
		if err != nil {
			return err
		}
		if v := cmd.Metadata.Version; v != nil && *v != metadata.Version() {
			return domain.ErrVersionConflict
		}
		if err := uc.apply(ctx, r, user, metadata, cmd, wanted); err != nil {
			return err
		}
		result = ports.UserResult{User: user, Metadata: metadata}
		result.Metadata, err = uc.changeMetadata(ctx, r, user, metadata, cmd)
		return err
	})
	if err != nil {
		return ports.UserResult{}, err
	}
	return result, nil
}

// changeMetadata changes the metadata after the rest, which may have emptied the profile, and
// records what the patch changes. metadata is as it was before the change.
func (uc *ChangeUser) changeMetadata(ctx context.Context, r ports.Repositories, user *domain.User, metadata *domain.Metadata, cmd ports.ChangeUserCommand) (*domain.Metadata, error) {
	now := uc.p.Clock.Now()
	patch := cmd.Metadata
	patch.Version = nil // Execute has compared it
	metadata, change, err := kit.SaveMetadata(ctx, r, metadata.After(user), patch, uc.claims, now)
	if err != nil || !change.Any() {
		return metadata, err
	}
	var events []domain.Event
	for _, t := range change.Events() {
		events = append(events, kit.Event(uc.p.IDs, t, cmd.Origin, now).About(user.ID()).By(cmd.Principal))
	}
	return metadata, kit.Record(ctx, r, events)
}

func (uc *ChangeUser) apply(ctx context.Context, r ports.Repositories, user *domain.User, metadata *domain.Metadata, cmd ports.ChangeUserCommand, wanted change) error {
	c, err := wanted.of(user)
	if err != nil || c.isEmpty() {
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
	log := &journal{event: func(t domain.EventType) domain.Event {
		return kit.Event(uc.p.IDs, t, cmd.Origin, now).About(user.ID()).By(cmd.Principal)
	}}
	if c.recovers { // the account goes back to its owner, and the thief may have set up factors
		removed, err := kit.DropFactors(ctx, r, user, time.Time{}, now)
		if err != nil {
			return err
		}
		if removed {
			log.record(domain.EventFactorRemoved, "")
		}
	}
	mailsReset := false
	if c.confirms {
		if mailsReset, err = uc.confirmByHand(ctx, r, user, c, log.record, now); err != nil {
			return err
		}
	}
	uc.carryOut(c, user, log, now)
	if metadata.LosesProfile(user) {
		log.record(domain.EventProfileChanged, "")
	}
	if err := r.Users.Save(ctx, user); err != nil {
		return err
	}
	if err := kit.Record(ctx, r, log.events); err != nil {
		return err
	}
	if mailsReset && user.Status() == domain.StatusActive {
		mail := domain.MailResetPassword
		if user.IsInvitedAbove() { // a reset would end the invitation
			mail = domain.MailInvitation
		}
		if err := kit.Mails(r, uc.p.IDs, now).Token(ctx, domain.IssueToken(uc.p.IDs.NewTokenID(), mail, user, now)); err != nil {
			return err
		}
	}
	return uc.tell(ctx, r, user, c, role, now)
}

// journal collects the events of one change.
type journal struct {
	event  func(t domain.EventType) domain.Event
	events []domain.Event
}

func (j *journal) record(t domain.EventType, detail string) { j.because(t, detail, "") }

func (j *journal) because(t domain.EventType, detail, reason string) {
	j.events = append(j.events, j.event(t).Saying(detail).Because(reason))
}

// carryOut changes the user, and notes the events of the change.
func (uc *ChangeUser) carryOut(c change, user *domain.User, log *journal, now time.Time) {
	if !c.email.IsZero() {
		uc.dropUnproven(c, user, log.record, now)
		assignAddress(c, user, log.record, now)
	}
	switch {
	case c.invites:
		if user.PasswordState() == domain.PasswordSet {
			log.record(domain.EventPasswordDropped, "")
		}
		user.Invite(c.role, now)
		log.record(domain.EventRoleInvited, c.role.String())
	case c.role != "":
		user.ChangeRole(c.role, now)
		log.record(domain.EventRoleChanged, c.role.String())
	}
	switch {
	case c.status == domain.StatusDisabled || c.explains:
		user.DisableBecause(c.reason, now)
		log.because(domain.EventStatusChanged, domain.StatusDisabled.String(), c.reason)
	case c.status == domain.StatusActive:
		user.Enable(now)
		log.record(domain.EventStatusChanged, c.status.String())
	}
	uc.demandPassword(c, user, log, now)
}

// demandPassword demands a new password at the next sign-in, or takes that back. A password
// that went with the same request needs no demand.
func (uc *ChangeUser) demandPassword(c change, user *domain.User, log *journal, now time.Time) {
	switch {
	case c.passwordChange == nil || user.PasswordState() != domain.PasswordSet:
	case *c.passwordChange:
		user.RequirePasswordChange(now)
		log.record(domain.EventPasswordChangeRequired, "")
	default:
		user.KeepPassword(now)
		log.record(domain.EventPasswordChangeRequired, "lifted")
	}
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
		if err := kit.Mails(r, uc.p.IDs, now).Notice(ctx, user.ID(), notice, domain.Client{}); err != nil {
			return err
		}
	}
	return nil
}
