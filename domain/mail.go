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
)

// TokenUse groups the kinds of mail whose tokens one endpoint redeems.
type TokenUse string

// The uses.
const (
	// UseConfirmEmail covers MailVerifyEmail and MailChangeEmail.
	UseConfirmEmail TokenUse = "confirm_email"
	// UseSetPassword covers MailResetPassword and MailInvitation.
	UseSetPassword TokenUse = "set_password"
)

// Use returns the use of the kind's tokens. It is empty for a notice and for an
// unknown kind.
func (k MailKind) Use() TokenUse {
	switch k {
	case MailVerifyEmail, MailChangeEmail:
		return UseConfirmEmail
	case MailResetPassword, MailInvitation:
		return UseSetPassword
	case MailPasswordChanged, MailEmailTaken, MailEmailChanging, MailSessionReused, MailLoginLocked:
	}
	return ""
}

// TokenLife returns how long a token of the kind can be redeemed, counted from the
// request that asked for it: 24 hours to confirm an address, 1 hour to reset a
// password, 72 hours to accept an invitation. It is zero for kinds without a token.
func (k MailKind) TokenLife() time.Duration {
	switch k {
	case MailVerifyEmail, MailChangeEmail:
		return 24 * time.Hour
	case MailResetPassword:
		return time.Hour
	case MailInvitation:
		return 72 * time.Hour
	case MailPasswordChanged, MailEmailTaken, MailEmailChanging, MailSessionReused, MailLoginLocked:
	}
	return 0
}
