package smtp

import "github.com/seed543b3b27/auth-service/ports"

// words are the words of one mail, the same in text and HTML.
type words struct {
	Subject string
	Heading string
	// Lead says why the mail comes.
	Lead []string
	// Action is what the link does, the text of its button.
	Action string
	// NotYou says what to do for somebody who didn't expect the mail.
	NotYou string
}

// wordsOf returns the words of a mail; false for an unknown kind. Values that
// come from people (the new address) are escaped by the layouts.
func wordsOf(mail ports.Mail, product string) (words, bool) {
	switch mail.Kind {
	case ports.MailVerifyEmail, ports.MailChangeEmail, ports.MailResetPassword, ports.MailInvitation:
		return tokenWords(mail, product), true
	case ports.MailPasswordChanged, ports.MailEmailTaken, ports.MailEmailChanging, ports.MailSessionReused:
		return noticeWords(mail, product), true
	}
	return words{}, false
}

// tokenWords are for the mails with a link.
func tokenWords(mail ports.Mail, product string) words {
	switch mail.Kind {
	case ports.MailVerifyEmail:
		return words{
			Subject: "Confirm your e-mail address for " + product,
			Heading: "Confirm your e-mail address",
			Lead:    []string{"Somebody, most likely you, signed up for " + product + " with this address. Confirm that it is yours to finish."},
			Action:  "Confirm address",
			NotYou:  "If you didn't sign up, ignore this mail: without your confirmation nobody can use the account.",
		}
	case ports.MailChangeEmail:
		return words{
			Subject: "Confirm your new e-mail address for " + product,
			Heading: "Confirm your new e-mail address",
			Lead:    []string{"You asked to move your " + product + " account to this address. Confirm that it is yours; until then your account stays where it is."},
			Action:  "Confirm new address",
			NotYou:  "If you didn't ask for this, ignore this mail: nothing changes without your confirmation.",
		}
	case ports.MailResetPassword:
		return words{
			Subject: "Reset your " + product + " password",
			Heading: "Reset your password",
			Lead:    []string{"A new password was requested for your " + product + " account. Setting it signs you out everywhere."},
			Action:  "Choose a new password",
			NotYou:  "If you didn't ask for this, ignore this mail: your password stays as it is.",
		}
	default: // ports.MailInvitation
		return words{
			Subject: "You are invited to " + product,
			Heading: "Welcome to " + product,
			Lead:    []string{"An account was made for you. Choose a password to begin; you sign in with this e-mail address."},
			Action:  "Choose a password",
			NotYou:  "If you don't know what this is about, ignore this mail: without a password nobody can use the account.",
		}
	}
}

// noticeWords are for the mails that only tell. They hold no link: a person who
// is alarmed should come by the way they know, not by one in a mail.
func noticeWords(mail ports.Mail, product string) words {
	switch mail.Kind {
	case ports.MailPasswordChanged:
		return words{
			Subject: "Your " + product + " password was changed",
			Heading: "Your password was changed",
			Lead:    []string{"The password of your " + product + " account has just been changed. If that was you, there is nothing to do."},
			NotYou:  "If it wasn't you, open " + product + " now and ask for a new password with \"forgot password\". That signs out everybody else. If you use the old password elsewhere, change it there too.",
		}
	case ports.MailEmailTaken:
		return words{
			Subject: "You already have a " + product + " account",
			Heading: "You already have an account",
			Lead: []string{
				"Somebody tried to use this address for another " + product + " account. You have one already, so nothing was changed.",
				"If it was you, sign in as usual. If you don't remember your password, ask for a new one with \"forgot password\".",
			},
			NotYou: "If it wasn't you, there is nothing to do: whoever it was learned nothing about your account and cannot get into it.",
		}
	case ports.MailEmailChanging:
		return words{
			Subject: "Your " + product + " account is about to move to another address",
			Heading: "A new e-mail address was requested",
			Lead:    []string{"Somebody who knows your password asked to move your " + product + " account to " + mail.NewEmail.String() + ". It moves once that address is confirmed; until then everything stays as it is. If that was you, confirm it there."},
			NotYou:  "If it wasn't you, open " + product + " now, change your password and sign out everywhere: that stops the change too.",
		}
	default: // ports.MailSessionReused
		return words{
			Subject: "You were signed out of " + product + " for your safety",
			Heading: "We ended one of your sessions",
			Lead:    []string{"A sign-in of your " + product + " account was used in a way that happens when it has been copied to another device. To be safe we ended that session. Sign in again to continue there."},
			NotYou:  "If this keeps happening, or you see sessions that you don't know, change your password and sign out everywhere.",
		}
	}
}
