package cli

import (
	"fmt"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
)

// summarise prints the results of the import.
func (i *importing) summarise() {
	for _, refusal := range i.refusals {
		fmt.Fprintln(i.c.io.Err, refusal)
	}
	if more := i.total.Refused - len(i.refusals); more > 0 {
		fmt.Fprintf(i.c.io.Err, "and %s more\n", rowsOf(more))
	}
	if i.total.Refused > 0 {
		if i.report == "" {
			fmt.Fprintln(i.c.io.Err, "add --report FILE to write the refused rows to a file, correct them there and import it")
		} else {
			fmt.Fprintf(i.c.io.Err, "correct the refused rows in %s and import that file%s\n", i.report, i.flagsOfReport())
		}
	}
	if i.unsupported > 0 {
		fmt.Fprintf(i.c.io.Err, "%s refused for an unsupported hash; --drop-unsupported-hashes imports such users without a password, and they reset it by mail\n",
			rowsOf(i.unsupported))
	}
	verb := "imported"
	if i.dryRun {
		verb = "would import"
	}
	fmt.Fprintf(i.c.io.Out, "%s %d, already there %d, refused %d\n", verb, i.total.Imported, i.total.Present, i.total.Refused)
	if n := i.total.Administrators; n > 0 {
		fmt.Fprintf(i.c.io.Out, "%d of them administrators\n", n)
	}
	if n := i.total.RolesWithheld; n > 0 {
		fmt.Fprintf(i.c.io.Err, "%d imported with a role above user and an address that is not verified; they act as user until it is (\"migrate up\" names them)\n", n)
	}
	i.summarisePasswords()
}

// summarisePasswords prints what the imported users must do to sign in.
func (i *importing) summarisePasswords() {
	out := i.c.io.Out
	if n := i.total.WithoutPassword; n > 0 {
		fmt.Fprintf(out, "%d of them without a password; they sign in after a password reset or an invitation\n", n)
	}
	if n := i.total.PasswordsDropped; n > 0 {
		fmt.Fprintf(out, "%d of those because their hash is not supported\n", n)
	}
	i.summariseInvitations()
	if n := i.total.PasswordChanges; n > 0 {
		fmt.Fprintf(out, "%d of them replace their password at the next login\n", n)
	}
	if n := i.total.SecondFactors; n > 0 {
		fmt.Fprintf(i.c.io.Err, "%d of them had a second factor or a passkey, which is not imported\n", n)
	}
	if n := i.total.RequiredActions; n > 0 {
		fmt.Fprintf(i.c.io.Err, "%d of them had other required actions (such as CONFIGURE_TOTP), which are not imported\n", n)
	}
}

// summariseInvitations prints how many users are invited, and how to invite the others.
func (i *importing) summariseInvitations() {
	out := i.c.io.Out
	if !i.invite {
		if i.dryRun && i.total.WithoutPassword > 0 {
			fmt.Fprintln(i.c.io.Err, "add --invite to mail them an invitation when they are imported; a later import does not")
		}
		return
	}
	says := "%d of them are invited by mail; the service sends the invitations one by one, and their links work for %d hours from now\n"
	if i.dryRun {
		says = "%d of them would be invited by mail, one by one; the links would work for %d hours from the import on\n"
	}
	if i.total.WithoutPassword == 0 {
		return
	}
	fmt.Fprintf(out, says, i.total.Invited, int(domain.MailInvitation.TokenLife().Hours()))
	if n := i.total.RolesInvited; n > 0 {
		fmt.Fprintf(out, "%d of the invited get their role above user by accepting\n", n)
	}
	if n := i.total.WithoutPassword - i.total.Invited; n > 0 {
		fmt.Fprintf(out, "not invited because they are disabled: %d\n", n)
	}
}

// flagsOfReport returns the flags that importing the report needs. The report keeps the
// column names of the files, and is always in JSON Lines.
func (i *importing) flagsOfReport() string {
	var same, without []string
	for _, flag := range []struct {
		name  string
		given bool
		list  *[]string
	}{
		{"--map", len(i.renamed) > 0, &same},
		{"--ignore", len(i.ignored) > 0, &same},
		{"--from", i.from != "", &without},
		{"--format", i.format != "", &without},
	} {
		if flag.given {
			*flag.list = append(*flag.list, flag.name)
		}
	}
	text := ""
	if len(same) > 0 {
		text = " with the same " + strings.Join(same, " and ")
	}
	if len(without) > 0 {
		text += " without " + strings.Join(without, " and ")
	}
	return text
}

func rowsOf(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
