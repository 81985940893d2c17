package smtp

import (
	"strconv"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// factorWords returns the texts of mails about second factors. They hold no link, as those of
// noticeWords.
func factorWords(mail ports.Mail, product string) words {
	notYou := "If it wasn't you, open " + product + " now and ask for a new password with \"forgot password\". That signs out all devices. Then sign in, and remove the second factors that you do not know. If that sign-in takes a code that you do not have, ask the people who run " + product + " for help."
	switch mail.Kind {
	case domain.MailFactorAdded:
		return words{
			Subject: "A second factor was added to your " + product + " account",
			Heading: "You added a second factor",
			Lead:    []string{"From now on, signing in to your " + product + " account takes a code of your authenticator application as well as the password. Keep the recovery codes in a safe place: they are the way in if you lose it. If that was you, there is nothing to do."},
			NotYou:  notYou,
		}
	case domain.MailFactorRemoved:
		return words{
			Subject: "A second factor was removed from your " + product + " account",
			Heading: "A second factor was removed",
			Lead:    []string{"A second factor of your " + product + " account was removed, by you or by an administrator. Its codes no longer work. If that was you, or if you asked for it, there is nothing to do."},
			NotYou:  notYou,
		}
	case domain.MailRecoveryCodesMade:
		return words{
			Subject: "New recovery codes for your " + product + " account",
			Heading: "You made new recovery codes",
			Lead:    []string{"New recovery codes were made for your " + product + " account. The former ones no longer work. If that was you, there is nothing to do."},
			NotYou:  notYou,
		}
	case domain.MailCodesLocked:
		return words{
			Subject: "Wrong codes for your " + product + " account",
			Heading: "Somebody tried codes of your second factor",
			Lead: []string{
				"Somebody who knows the password of your " + product + " account gave many wrong codes in a row. Codes of your authenticator application are refused from now on.",
				"To sign in, use a recovery code, or ask for a new password with \"forgot password\".",
			},
			NotYou: "If it wasn't you, somebody else knows your password. Choose a new one now with \"forgot password\". If you use the old password elsewhere, change it there too.",
		}
	default: // domain.MailRecoveryCodeUsed
		lead := []string{"A recovery code of your " + product + " account was just used. " + codesLeft(mail.CodesLeft)}
		if mail.CodesLeft < domain.FewRecoveryCodes {
			lead = append(lead, "Make new recovery codes soon, in the settings of your account.")
		}
		return words{
			Subject: "A recovery code of your " + product + " account was used",
			Heading: "You used a recovery code",
			Lead:    lead,
			NotYou:  notYou,
		}
	}
}

func codesLeft(n int) string {
	switch n {
	case 0:
		return "None is left."
	case 1:
		return "One is left."
	}
	return strconv.Itoa(n) + " are left."
}
