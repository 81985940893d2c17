package domain

import "time"

// MailKind is a mail that the service sends. Kinds with a link are also the
// purposes of one-time tokens.
type MailKind string

// Mails with a link.
const (
	MailVerifyEmail   MailKind = "verify_email"
	MailChangeEmail   MailKind = "change_email"
	MailResetPassword MailKind = "reset_password"
	MailInvitation    MailKind = "invitation"
	// MailUndoEmail reports that the account moved to another address. It goes to the
	// former address, and its link moves the account back.
	MailUndoEmail MailKind = "undo_email"
)

// Notices.
const (
	// MailPasswordChanged reports that the password was changed or reset.
	MailPasswordChanged MailKind = "password_changed"
	// MailEmailTaken reports that a client tried to register an address that has an
	// account, or to move another account to it.
	MailEmailTaken MailKind = "email_taken"
	// MailEmailChanging reports that a change of address was requested. It goes to
	// the old address.
	MailEmailChanging MailKind = "email_changing"
	// MailSessionReused reports that a session was ended because an old refresh
	// token was used again.
	MailSessionReused MailKind = "session_reused"
	// MailLoginLocked reports that wrong passwords in a row locked the address
	// against devices that the account does not know.
	MailLoginLocked MailKind = "login_locked"
	// MailEmailHeld reports that a client tried to use an address that is reserved,
	// because a change away from it can still be undone.
	MailEmailHeld MailKind = "email_held"
	// MailEmailRestored reports that a change of address was undone. It goes to the
	// address that the account left.
	MailEmailRestored MailKind = "email_restored"
	// MailEmailAssigned reports that an administrator moved the account to an address.
	// It goes to the new address.
	MailEmailAssigned MailKind = "email_assigned"
	// MailRoleChanged reports that an administrator changed the role.
	MailRoleChanged MailKind = "role_changed"
	// MailAccountDisabled reports that an administrator disabled the account.
	MailAccountDisabled MailKind = "account_disabled"
	// MailAccountEnabled reports that an administrator enabled the account again.
	MailAccountEnabled MailKind = "account_enabled"
	// MailAccountDeleted reports that an administrator deleted the account.
	MailAccountDeleted MailKind = "account_deleted"
	// MailAccountClosed reports that the account was deleted from one of its sessions.
	MailAccountClosed MailKind = "account_closed"
	// MailNewDevice reports a sign-in from a device that the account did not know.
	MailNewDevice MailKind = "new_device"
	// MailFactorAdded reports a new second factor.
	MailFactorAdded MailKind = "factor_added"
	// MailFactorRemoved reports that a second factor was removed.
	MailFactorRemoved MailKind = "factor_removed"
	// MailRecoveryCodeUsed reports that a recovery code was used, and how many are left.
	MailRecoveryCodeUsed MailKind = "recovery_code_used"
	// MailRecoveryCodesMade reports that new recovery codes were made.
	MailRecoveryCodesMade MailKind = "recovery_codes_made"
	// MailCodesLocked reports that one-time codes are refused, after too many wrong ones in a row.
	MailCodesLocked MailKind = "codes_locked"
)

// TokenUse groups the kinds of mail whose tokens one endpoint redeems.
type TokenUse string

// The uses.
const (
	// UseConfirmEmail covers MailVerifyEmail and MailChangeEmail.
	UseConfirmEmail TokenUse = "confirm_email"
	// UseSetPassword covers MailResetPassword and MailInvitation.
	UseSetPassword TokenUse = "set_password"
	// UseUndoEmail covers MailUndoEmail.
	UseUndoEmail TokenUse = "undo_email"
)

// TokenUses returns every use.
func TokenUses() []TokenUse { return []TokenUse{UseConfirmEmail, UseSetPassword, UseUndoEmail} }

// Use returns the use of the kind's tokens. It is empty for a notice and for an
// unknown kind.
func (k MailKind) Use() TokenUse {
	switch k {
	case MailVerifyEmail, MailChangeEmail:
		return UseConfirmEmail
	case MailResetPassword, MailInvitation:
		return UseSetPassword
	case MailUndoEmail:
		return UseUndoEmail
	default:
		return ""
	}
}

// TokenLife returns how long a token of the kind can be redeemed, counted from the
// request that asked for it: 24 hours to confirm an address, 1 hour to reset a
// password, 72 hours to accept an invitation or to undo a change of address. It is zero
// for kinds without a token.
func (k MailKind) TokenLife() time.Duration {
	switch k {
	case MailVerifyEmail, MailChangeEmail:
		return 24 * time.Hour
	case MailResetPassword:
		return time.Hour
	case MailInvitation, MailUndoEmail:
		return 72 * time.Hour
	default:
		return 0
	}
}

// OnRequest reports whether staff can send the mail again.
func (k MailKind) OnRequest() bool {
	return k == MailVerifyEmail || k == MailInvitation || k == MailResetPassword
}

// MailDue returns nil if the account can use a new link of a mail that is OnRequest. Errors:
// ErrMailNotDue with the reason.
func (u *User) MailDue(mail MailKind) error {
	hasPassword := u.PasswordState() == PasswordSet
	switch {
	case u.Status() != StatusActive:
		return ErrMailNotDue.WithDetail("The account is disabled, so its links do not work. Enable it first.")
	case mail == MailVerifyEmail && u.EmailVerified():
		return ErrMailNotDue.WithDetail("The address is confirmed already.")
	case mail == MailVerifyEmail && !hasPassword:
		return ErrMailNotDue.WithDetail("The account has no password, so confirming the address is not enough. Send the invitation.")
	case mail == MailResetPassword && u.IsInvitedAbove():
		return ErrMailNotDue.WithDetail("An invitation with a role is open, and a reset would end it. Send the invitation.")
	case mail == MailInvitation && !u.IsInvitedAbove() && (u.EmailVerified() || hasPassword):
		return ErrMailNotDue.WithDetail("No invitation is open: the account has a password or a confirmed address.")
	}
	return nil
}
