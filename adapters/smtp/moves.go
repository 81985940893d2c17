package smtp

import (
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// moveWords returns the texts of mails about a change of address.
func moveWords(mail ports.Mail, product string) words {
	switch mail.Kind {
	case domain.MailChangeEmail:
		// The reader may be a stranger to the account, so the text accuses no one of
		// having asked, and shows the account's address masked.
		return words{
			Subject: "Someone asked to use this address for their " + product + " account",
			Heading: "Use this address for an account?",
			Lead: []string{
				"Someone asked to use this address for their " + product + " account. The account's present address is " + mail.Account.Masked() + ".",
				"If that is your account, confirm the new address. You need the account's password.",
			},
			Action: "Review the change",
			NotYou: "If that is not your account, ignore this mail and do not open the link: the account cannot use your address then.",
		}
	case domain.MailEmailChanging:
		return words{
			Subject: "Your " + product + " account is about to move to another address",
			Heading: "A new e-mail address was requested",
			Lead:    []string{"You, or a person who knows your password, asked to move your " + product + " account to " + mail.NewEmail.String() + ". It moves once that address is confirmed; until then everything stays as it is. If that was you, check the new address for a mail to confirm it."},
			NotYou:  "If it wasn't you, open " + product + " now, change your password and sign out everywhere. That also stops the move.",
		}
	case domain.MailUndoEmail:
		return words{
			Subject: "Your " + product + " account moved to another address",
			Heading: "Your e-mail address was changed",
			Lead:    []string{"Your " + product + " account moved from this address to " + mail.NewEmail.String() + ". If you wanted that, there is nothing to do."},
			Action:  "Undo the change",
			NotYou:  "If you did not want that, undo the change. Your account then comes back to this address, all devices are signed out, and you choose a new password.",
		}
	case domain.MailEmailHeld:
		until := plainTime(mail.ExpiresAt)
		return words{
			Subject: "This address is reserved for your " + product + " account",
			Heading: "This address is reserved",
			Lead: []string{
				"This address was entered for another " + product + " account. It belonged to an account that moved to another address a short time ago, so it stays reserved until " + until + ". Nothing was changed.",
				"If you did not want the account to move, use the link in our mail about the move. If you want to use this address for another account, try again after that time.",
			},
			NotYou: "If it wasn't you who entered the address, there is nothing to do.",
		}
	default: // domain.MailEmailRestored
		return words{
			Subject: "An account at " + product + " no longer uses this address",
			Heading: "The change of address was undone",
			Lead:    []string{"An account at " + product + " that used this address went back to its former address, " + mail.Account.Masked() + ". The owner of that address undid the change. All devices were signed out."},
			NotYou:  "If the account is yours and you cannot read mails at that address, ask the people who run " + product + " for help.",
		}
	}
}

// adminWords returns the texts of mails about what an administrator did to an account.
func adminWords(mail ports.Mail, product string) words {
	ask := "If you did not expect this, ask the people who run " + product + "."
	switch mail.Kind {
	case domain.MailEmailAssigned:
		return words{
			Subject: "Your " + product + " account now uses this address",
			Heading: "Your e-mail address was changed",
			Lead:    []string{"An administrator moved your " + product + " account to this address. You sign in with it from now on. All devices were signed out, and your password stays as it is."},
			NotYou:  ask,
		}
	case domain.MailRoleChanged:
		return words{
			Subject: "Your role in " + product + " was changed",
			Heading: "Your role was changed",
			Lead:    []string{"An administrator changed the role of your " + product + " account. Your role is now: " + mail.Role.String() + "."},
			NotYou:  ask,
		}
	case domain.MailAccountDisabled:
		return words{
			Subject: "Your " + product + " account was disabled",
			Heading: "Your account was disabled",
			Lead:    []string{"An administrator disabled your " + product + " account. All devices were signed out, and you cannot sign in until an administrator enables it again. Nothing was deleted."},
			NotYou:  ask,
		}
	case domain.MailAccountEnabled:
		return words{
			Subject: "Your " + product + " account was enabled again",
			Heading: "Your account was enabled again",
			Lead:    []string{"An administrator enabled your " + product + " account again. You can sign in as before."},
			NotYou:  ask,
		}
	default: // domain.MailAccountDeleted
		return words{
			Subject: "Your " + product + " account was deleted",
			Heading: "Your account was deleted",
			Lead:    []string{"An administrator deleted your " + product + " account. You can no longer sign in, and the account cannot be restored."},
			NotYou:  ask,
		}
	}
}
