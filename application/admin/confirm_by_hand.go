package admin

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// confirmByHand confirms the present address of user as an administrator asks. The
// administrator vouches for the address, and nothing proves who chose the password. So the
// rules are those of a confirmation without a proof, and the password goes if the account
// gets a role above user with the same request. It returns the events, and whether the user
// gets a mail to choose a password. The caller saves the user.
func (uc *ChangeUser) confirmByHand(ctx context.Context, r ports.Repositories, user *domain.User, c change, record func(domain.EventType, string), now time.Time) (mailsReset bool, err error) {
	confirmed, err := domain.JudgeConfirmation(user, domain.Evidence{}, c.role.AboveUser(), uc.unproven)
	if err != nil {
		return false, err
	}
	switch {
	case confirmed.DropsPassword:
		record(domain.EventPasswordDropped, "")
		err = kit.VoidTokens(ctx, r, user.ID())
	case confirmed.EndsSessions && user.RoleWithheld():
		err = kit.VoidTokens(ctx, r, user.ID())
	case confirmed.EndsSessions:
		// An invitation stays: accepting it is the only way to the role that it offers.
		err = r.Tokens.DeleteByUser(ctx, domain.UseConfirmEmail, user.ID())
	}
	if err != nil {
		return false, err
	}
	user.Confirm(confirmed, now)
	record(domain.EventEmailVerified, "by_hand")
	return confirmed.MailsReset, nil
}

// dropUnproven drops the password, with the profile, of an account that an administrator is
// about to move to a confirmed address, if no mail had confirmed the former one and the password must not stand: the
// account gets a role above user with the same request, or the operator wants unproven
// passwords dropped.
func (uc *ChangeUser) dropUnproven(c change, user *domain.User, record func(domain.EventType, string), now time.Time) {
	if user.EmailVerified() || !c.verified || user.PasswordState() != domain.PasswordSet {
		return
	}
	if c.role.AboveUser() || uc.unproven == domain.UnprovenDrop {
		user.DropPassword(now)
		record(domain.EventPasswordDropped, "")
	}
}
