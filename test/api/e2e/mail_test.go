package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// mail is a mail as a person gets it.
type mail struct {
	kind string
	text string
	// token is the secret of its link, or empty.
	token string
}

// awaitMail waits for the nth mail of a kind to an address, counted from 1.
func (tg *target) awaitMail(t testing.TB, to, kind string, n int) mail {
	t.Helper()
	var found []mail
	program.Eventually(t, fmt.Sprintf("mail %d of kind %s to %s", n, kind, to), func() bool {
		found = tg.ofKind(t, to, kind)
		return len(found) >= n
	})
	return found[n-1]
}

func (tg *target) ofKind(t testing.TB, to, kind string) []mail {
	t.Helper()
	var found []mail
	for _, m := range tg.mails(t, to) {
		if m.kind == kind {
			found = append(found, m)
		}
	}
	return found
}

// token waits for the first mail of a kind and returns the token of its link.
func (tg *target) token(t testing.TB, to, kind string) string {
	t.Helper()
	m := tg.awaitMail(t, to, kind, 1)
	require.NotEmpty(t, m.token, m.text)
	tg.secrets.Add(m.token)
	return m.token
}

var link = regexp.MustCompile(`(http://\S+)#token=([A-Za-z0-9_-]+)`)

// newMail reads a rendered mail, whose link must lead to the service's own page.
func newMail(t testing.TB, publicURL, kind, text string) mail {
	t.Helper()
	m := mail{kind: kind, text: text}
	if match := link.FindStringSubmatch(text); match != nil {
		m.token = match[2]
		page := map[string]string{
			"verify_email": "verify", "change_email": "change", "undo_email": "undo", "reset_password": "reset", "invitation": "reset",
		}[kind]
		assert.Equal(t, publicURL+"/api/auth/ui/"+page, match[1])
	}
	return m
}

var mailboxLine = regexp.MustCompile(`Mails +(http://localhost:\d+/api/auth/dev/mailbox\?key=\S+)`)

// mailboxOf returns the address of the caught mails from the banner.
func mailboxOf(t testing.TB, p *program.Process) string {
	t.Helper()
	match := mailboxLine.FindStringSubmatch(p.Stdout.String())
	require.NotNil(t, match, p.Stdout.String())
	return match[1]
}

// mailsIn reads mails from a mailbox of caught mails.
func mailsIn(mailbox string) func(testing.TB, string) []mail {
	publicURL, _, _ := strings.Cut(mailbox, api.Prefix)
	return func(t testing.TB, to string) []mail {
		t.Helper()
		return caught(t, mailbox, publicURL, to)
	}
}

// caught reads the caught mails to an address.
func caught(t testing.TB, mailbox, publicURL, to string) []mail {
	t.Helper()
	path := strings.TrimPrefix(mailbox, publicURL)
	body := api.Decode[struct {
		Mails []struct{ Kind, To, Text, Link string }
	}](api.New(t, publicURL).Once(api.Request{Method: http.MethodGet, Path: path, Header: http.Header{"Accept": {"application/json"}}}).Is(http.StatusOK))
	var mails []mail
	for _, m := range body.Mails { // the newest first
		if m.To == to {
			mails = append([]mail{newMail(t, publicURL, m.Kind, m.Text)}, mails...)
		}
	}
	return mails
}

// withoutLinks leaves out the lines with the links of caught mails and of their
// mailbox, which a local set-up prints on purpose.
func withoutLinks(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "#token=") && !mailboxLine.MatchString(line) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// kindsBySubject recognises the kind of a mail by words in its subject.
var kindsBySubject = map[string]string{
	"Confirm your e-mail address": "verify_email", "asked to use this address": "change_email", "moved to another address": "undo_email",
	"Reset your": "reset_password", "Choose a password for": "reset_password", "You are invited": "invitation", "password was changed": "password_changed",
	"You already have": "email_taken", "about to move": "email_changing", "You were signed out": "session_reused", "Too many wrong passwords": "login_locked",
	"is reserved for": "email_held", "no longer uses this address": "email_restored", "now uses this address": "email_assigned", "Your role in": "role_changed",
	"was disabled": "account_disabled", "was enabled again": "account_enabled", "was deleted": "account_deleted",
	"A new sign-in to your": "new_device", "You deleted your": "account_closed",
	"factor was added": "factor_added", "factor was removed": "factor_removed", "recovery code of your": "recovery_code_used", "New recovery codes": "recovery_codes_made", "Wrong codes": "codes_locked",
}

// received reads the mails that a mail server took.
func received(t testing.TB, server *mailpit.Server, publicURL, to string) []mail {
	t.Helper()
	var mails []mail
	for _, m := range server.Messages(t, to) {
		kind := ""
		for words, k := range kindsBySubject {
			if strings.Contains(m.Subject, words) {
				kind = k
			}
		}
		require.NotEmpty(t, kind, m.Subject)
		mails = append(mails, newMail(t, publicURL, kind, m.Text))
	}
	return mails
}
