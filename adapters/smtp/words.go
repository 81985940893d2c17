package smtp

import (
	"github.com/seed543b3b27/auth-service/ports"

	"github.com/seed543b3b27/auth-service/domain"
)

// words are the texts of one mail, the same in plain text and HTML.
type words struct {
	Subject string
	Heading string
	// Lead explains why the mail was sent.
	Lead []string
	// Action is what the link does: the text of its button.
	Action string
	// NotYou is the advice for a reader who did not expect the mail.
	NotYou string
}

// wordsOf returns the texts of a mail; false for an unknown kind. The layouts
// escape values that come from people, such as the new address.
func wordsOf(mail ports.Mail, product string) (words, bool) {
	switch mail.Kind {
	case domain.MailVerifyEmail, domain.MailResetPassword, domain.MailInvitation:
		return tokenWords(mail, product), true
	case domain.MailPasswordChanged, domain.MailEmailTaken, domain.MailSessionReused, domain.MailLoginLocked, domain.MailAccountClosed, domain.MailNewDevice:
		return noticeWords(mail, product), true
	case domain.MailChangeEmail, domain.MailEmailChanging, domain.MailUndoEmail, domain.MailEmailHeld, domain.MailEmailRestored:
		return moveWords(mail, product), true
	case domain.MailEmailAssigned, domain.MailRoleChanged, domain.MailAccountDisabled, domain.MailAccountEnabled, domain.MailAccountDeleted:
		return adminWords(mail, product), true
	case domain.MailFactorAdded, domain.MailFactorRemoved, domain.MailRecoveryCodeUsed, domain.MailRecoveryCodesMade, domain.MailCodesLocked:
		return factorWords(mail, product), true
	}
	return words{}, false
}

// tokenWords returns the texts of mails with a link.
func tokenWords(mail ports.Mail, product string) words {
	switch mail.Kind {
	case domain.MailVerifyEmail:
		return words{
			Subject: "Confirm your e-mail address for " + product,
			Heading: "Confirm your e-mail address",
			Lead:    []string{"This address was used to sign up for " + product + ", or an administrator entered it for your account. To finish, confirm that it is yours."},
			Action:  "Confirm address",
			NotYou:  "If you know nothing of an account, ignore this mail: without your confirmation the account cannot be used.",
		}
	case domain.MailResetPassword:
		if mail.NoPassword {
			return words{
				Subject: "Choose a password for your " + product + " account",
				Heading: "Choose a password",
				Lead:    []string{"Your " + product + " account has no password now: the former one is not valid any more, or there was never one. Choose one to sign in. Setting it signs you out everywhere."},
				Action:  "Choose a password",
				NotYou:  "If you know nothing of an account, ignore this mail: without a password the account cannot be used.",
			}
		}
		return words{
			Subject: "Reset your " + product + " password",
			Heading: "Reset your password",
			Lead:    []string{"A new password was requested for your " + product + " account. Setting it signs you out everywhere."},
			Action:  "Choose a new password",
			NotYou:  "If you didn't ask for this, ignore this mail: your password stays as it is.",
		}
	default: // domain.MailInvitation
		return words{
			Subject: "You are invited to " + product,
			Heading: "Welcome to " + product,
			Lead:    []string{"An account was created for you. Choose a password to begin. You sign in with this e-mail address."},
			Action:  "Choose a password",
			NotYou:  "If you didn't expect this invitation, ignore this mail: without a password the account cannot be used.",
		}
	}
}

// noticeWords returns the texts of mails that only inform. They hold no link,
// because an alarmed reader should open the service the usual way, not through a
// mail.
func noticeWords(mail ports.Mail, product string) words {
	switch mail.Kind {
	case domain.MailPasswordChanged:
		return words{
			Subject: "Your " + product + " password was changed",
			Heading: "Your password was changed",
			Lead:    []string{"The password of your " + product + " account has just been changed. If that was you, there is nothing to do."},
			NotYou:  "If it wasn't you, open " + product + " now and ask for a new password with \"forgot password\". That signs out all devices. If you use the old password elsewhere, change it there too.",
		}
	case domain.MailNewDevice:
		return words{
			Subject: "A new sign-in to your " + product + " account",
			Heading: "You signed in on a new device",
			Lead:    []string{"Your " + product + " account was signed in to from a device that it had not seen before. If that was you, there is nothing to do."},
			NotYou:  "If it wasn't you, open " + product + " now and ask for a new password with \"forgot password\". That signs out all devices. If you use the old password elsewhere, change it there too.",
		}
	case domain.MailAccountClosed:
		return words{
			Subject: "You deleted your " + product + " account",
			Heading: "Your account was deleted",
			Lead:    []string{"You, or a person who knows your password, deleted your " + product + " account. Everything that it held is gone."},
			NotYou:  "If it wasn't you, ask the people who run " + product + " for help. If you use the password elsewhere, change it there.",
		}
	case domain.MailEmailTaken:
		return words{
			Subject: "You already have a " + product + " account",
			Heading: "You already have an account",
			Lead: []string{
				"This address was entered for another " + product + " account. You already have one, so nothing was changed.",
				"If it was you, sign in as usual. If you don't remember your password, ask for a new one with \"forgot password\".",
			},
			NotYou: "If it wasn't you, there is nothing to do: your account is safe, and nothing about it was revealed.",
		}
	case domain.MailLoginLocked:
		return words{
			Subject: "Too many wrong passwords for your " + product + " account",
			Heading: "Signing in on new devices is stopped for now",
			Lead: []string{
				"Wrong passwords were entered for your " + product + " account many times in a row. To keep your password safe, signing in with a password is stopped on devices that you have not used before.",
				"On a device that you have used before, you stay signed in and can sign in as usual. There is nothing to do.",
			},
			NotYou: "To sign in on a new device, open " + product + " and ask for a new password with \"forgot password\". That works now, and lets you sign in at once.",
		}
	default: // domain.MailSessionReused
		return words{
			Subject: "You were signed out of " + product + " for your safety",
			Heading: "We ended one of your sessions",
			Lead:    []string{"One of your " + product + " sessions was used in a way that suggests it was copied to another device. To be safe, we ended that session. Sign in again to continue."},
			NotYou:  "If this keeps happening, or you see sessions that you don't know, change your password and sign out everywhere.",
		}
	}
}
