package admin

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// parseChange returns the wanted values. An empty one stays as it is.
func parseChange(cmd ports.ChangeUserCommand) (c change, err error) {
	if cmd.Role == nil && cmd.Status == nil && cmd.Email == nil && cmd.PasswordChangeRequired == nil && !cmd.EmailVerified && cmd.Metadata.IsEmpty() {
		return change{}, domain.ErrInvalidParameter.WithDetail("Give a role, a status, an address, email_verified, password_change_required, a profile or an app object.")
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
	if _, err := cmd.Principal.Account(); err == nil && cmd.Recover {
		return change{}, domain.ErrForbidden
	}
	c.verified, c.recovers, c.passwordChange = cmd.EmailVerified, cmd.Recover, cmd.PasswordChangeRequired
	c.reason, err = parseReason(cmd.Reason, c.status)
	return c, err
}

// parseReason returns the reason of a disabled account, without blanks around it. Errors:
// domain.ErrInvalidParameter.
func parseReason(text string, status domain.Status) (string, error) {
	reason := strings.TrimSpace(text)
	switch {
	case text != "" && status != domain.StatusDisabled:
		return "", kit.InvalidParameter("reason", "A reason goes with the status disabled.")
	case !utf8.ValidString(reason) || strings.ContainsFunc(reason, isForbiddenInReason):
		return "", kit.InvalidParameter("reason", "The reason must be text without control characters other than line breaks.")
	case utf8.RuneCountInString(reason) > ports.MaxReasonLength:
		return "", kit.InvalidParameter("reason", fmt.Sprintf("The reason must not be longer than %d characters.", ports.MaxReasonLength))
	}
	return reason, nil
}

func isForbiddenInReason(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// change is what a command changes in one user.
type change struct {
	role   domain.Role   // empty if the role stays
	status domain.Status // empty if the status stays
	email  domain.Email  // zero if the address stays
	// verified is true if the new address counts as confirmed.
	verified bool
	// confirms is true if the present address gets confirmed.
	confirms bool
	// passwordChange demands a new password at the next sign-in, or takes that back. It is nil
	// if the demand stays.
	passwordChange *bool
	// reason is why the account is disabled.
	reason string
	// explains is true if a disabled account gets another reason.
	explains bool
	// recovers is true if the account goes back to its owner.
	recovers bool
	// invites is true if the role becomes part of an invitation, because no mail has
	// confirmed the address.
	invites bool
}

// of returns what differs from the stored user. A role above user that was
// offered to an unconfirmed account is offered again, because the first mail may be
// lost or too old. Errors: domain.ErrInvalidParameter for such a role of a disabled
// account, whose invitation could not be accepted, and for a demand for a new password of an
// account without one.
func (c change) of(user *domain.User) (change, error) {
	closed := c.status == domain.StatusDisabled || c.status == "" && user.Status() == domain.StatusDisabled
	if c.status == user.Status() {
		c.status = ""
		c.explains = c.reason != "" && c.reason != user.DisabledReason()
	}
	if c.email == user.Email() && !c.recovers {
		c.email = domain.Email{}
	}
	c.confirms = c.verified && c.email.IsZero() && !user.EmailVerified()
	confirmed := user.EmailVerified() || c.confirms
	if !c.email.IsZero() {
		confirmed = c.verified
	}
	if c.passwordChange != nil && *c.passwordChange == user.PasswordChangeRequired() {
		c.passwordChange = nil
	}
	c.invites = c.role.AboveUser() && !confirmed
	if !c.invites && c.role == user.GrantedRole() && user.InvitedRole() == "" {
		c.role = ""
	}
	switch {
	case c.passwordChange != nil && user.PasswordState() != domain.PasswordSet:
		return change{}, domain.ErrInvalidParameter.WithField("password_change_required").
			WithDetail("The account has no password that the user could replace. Send the user a mail to choose one.")
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

// isEmpty reports whether nothing changes.
func (c change) isEmpty() bool {
	return c.role == "" && c.status == "" && c.email.IsZero() && !c.confirms && !c.explains && c.passwordChange == nil
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
