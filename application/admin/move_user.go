package admin

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// leaveAddress checks that the new address is free, and ends the tokens of the former
// one. The former address gets a mail that can undo the change, so that a hostile
// administrator cannot take an account for good. It gets none if the account goes back
// to its owner, because its reader is the thief. Errors: domain.ErrEmailTaken.
func (uc *ChangeUser) leaveAddress(ctx context.Context, r ports.Repositories, user *domain.User, c change, now time.Time) error {
	switch owner, err := r.Users.ByEmail(ctx, c.email); {
	case err == nil && owner.ID() != user.ID():
		return domain.ErrEmailTaken
	case err != nil && !kit.IsNotFound(err):
		return err
	}
	reserved, err := kit.Reserved(ctx, r, c.email, user.ID(), now)
	switch {
	case err != nil:
		return err
	case reserved != nil:
		return kit.ErrReserved
	case c.recovers:
		return kit.LeaveAddressForGood(ctx, r, user, c.email, now)
	}
	return kit.LeaveAddress(ctx, r, uc.p.IDs, user, c.email, domain.Client{}, now)
}

// assignAddress moves the user to the new address, and records that.
func assignAddress(c change, user *domain.User, record func(domain.EventType, string), now time.Time) {
	role, offered, hadPassword := user.GrantedRole(), user.InvitedRole(), user.PasswordState() == domain.PasswordSet
	if c.recovers { // before the move, because the address that is left decides about the profile
		user.DropPassword(now)
	}
	user.AssignEmail(c.email, c.verified, now)
	if hadPassword && user.PasswordState() != domain.PasswordSet {
		record(domain.EventPasswordDropped, "")
	}
	detail := ""
	if !c.verified {
		detail = "unverified"
	}
	record(domain.EventEmailChanged, detail)
	switch invited := user.InvitedRole(); {
	case c.invites || c.role != "":
		// The rest of the change says what becomes of the role.
	case invited != "":
		record(domain.EventRoleInvited, invited.String())
	case user.GrantedRole() != role || offered != "":
		record(domain.EventRoleChanged, user.GrantedRole().String())
	}
}

// tellNewAddress mails the new address: an invitation, a link to choose a password or to
// confirm the address, or a notice.
func (uc *ChangeUser) tellNewAddress(ctx context.Context, r ports.Repositories, user *domain.User, c change, now time.Time) error {
	outbox := kit.Mails(r, uc.p.IDs, now)
	mail := func(purpose domain.MailKind) error {
		return outbox.Token(ctx, domain.IssueToken(uc.p.IDs.NewTokenID(), purpose, user, now))
	}
	hasPassword := user.PasswordState() == domain.PasswordSet
	switch {
	case user.InvitedRole() != "" || !c.verified && !hasPassword && !c.recovers:
		return mail(domain.MailInvitation)
	case !hasPassword:
		return mail(domain.MailResetPassword)
	case !c.verified:
		return mail(domain.MailVerifyEmail)
	}
	return outbox.Notice(ctx, user.ID(), domain.MailEmailAssigned, domain.Client{})
}
