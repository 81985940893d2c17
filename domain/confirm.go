package domain

import "time"

// Evidence is what a person shows, besides the token of the mail, who confirms the first
// address of an account. The mail may have been caused by somebody else, who chose the
// password and does not own the address.
type Evidence struct {
	// Password is true if the person gave the password that stands.
	Password bool
	// Session is true if the person gave an access token of the account.
	Session bool
	// Browser is true if the request came from the browser that registered the account
	// with the password that stands; see User.ClaimedWith.
	Browser bool
}

// proves reports whether the person is the one who chose the secrets of the account.
func (e Evidence) proves() bool { return e.Password || e.Session || e.Browser }

// Unproven is what becomes of a password that stands if nothing proves that the person
// who confirms the address chose it.
type Unproven string

// The choices.
const (
	// UnprovenKeep lets the password stand.
	UnprovenKeep Unproven = "keep"
	// UnprovenDrop drops it.
	UnprovenDrop Unproven = "drop"
	// UnprovenRefuse refuses the confirmation with ErrProofRequired.
	UnprovenRefuse Unproven = "refuse"
)

// Confirmed is what the confirmation of an address does besides confirming it.
type Confirmed struct {
	// DropsPassword is true if the password goes, with all sessions and unused tokens.
	DropsPassword bool
	// EndsSessions is true if the account had no password, and its sessions and the
	// changes of address that they asked for go.
	EndsSessions bool
	// MailsReset is true if the user gets a mail to choose a password.
	MailsReset bool
	// Unproven is true if a password stands that nothing proved.
	Unproven bool
}

// JudgeConfirmation decides what confirming the first address of user does. disowned
// means that the person says not to know the password, which drops it whatever the
// evidence. The password of a role that was withheld always goes, as User.VerifyEmail
// says. An address that is confirmed already has its owner, so that another link to it
// takes nothing away. Errors: ErrProofRequired.
func JudgeConfirmation(user *User, e Evidence, disowned bool, u Unproven) (Confirmed, error) {
	stands := user.PasswordState() == PasswordSet
	switch {
	case user.EmailVerified():
		return Confirmed{MailsReset: disowned || !stands}, nil
	case stands && (disowned || user.RoleWithheld()):
		return Confirmed{DropsPassword: true, MailsReset: true}, nil
	case !disowned && e.proves() && !user.RoleWithheld():
		return Confirmed{MailsReset: !stands}, nil
	case !stands:
		return Confirmed{EndsSessions: true, MailsReset: true}, nil
	case u == UnprovenRefuse:
		return Confirmed{}, ErrProofRequired
	case u == UnprovenDrop:
		return Confirmed{DropsPassword: true, MailsReset: true}, nil
	}
	return Confirmed{Unproven: true}, nil
}

// Confirm confirms the address as JudgeConfirmation decided. The caller also deletes the
// tokens that go, and issues the token of the mail to choose a password.
func (u *User) Confirm(c Confirmed, now time.Time) {
	switch {
	case c.DropsPassword:
		u.DropPassword(now)
	case c.EndsSessions:
		u.dropUnprovenProfile()
		u.EndSessions(now)
	}
	u.VerifyEmail(now)
}
