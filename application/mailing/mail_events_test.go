package mailing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// from names the request in contexts, as the API does.
const from = "request-of-the-mail"

// F-MAIL: each mail is on its user's record: that it was asked for, and what became of it. All events
// of one mail name the request that asked for it.
func TestDeliverMail_RecordsWhatBecomesOfEachMail(t *testing.T) {
	t.Parallel()
	const refused = "550 5.1.1 No such user"
	for name, test := range map[string]struct {
		does func(b *app.Bundle, run func())
		want []string
	}{
		"sent": {
			func(_ *app.Bundle, run func()) { run() },
			[]string{"mail_sent reset_password 250 kept in memory"},
		},
		"refused at first": {
			func(b *app.Bundle, run func()) {
				b.Mailer.Fail(&ports.MailRefusal{Step: "RCPT TO", Answer: "451 4.7.1 Greylisted", Err: errNoServer})
				run()
				run() // further failures are not recorded
				b.Mailer.Fail(nil)
				run()
			},
			[]string{"mail_delayed reset_password 451 4.7.1 Greylisted", "mail_sent reset_password 250 kept in memory"},
		},
		"without an answer, until it expires": {
			func(b *app.Bundle, run func()) {
				b.Mailer.Fail(errNoServer)
				run()
				b.Clock.Advance(2 * time.Hour)
				run()
			},
			[]string{
				"mail_delayed reset_password The mail server was not reached or did not answer; the service's log says more.",
				"mail_expired reset_password",
			},
		},
		"refused for good": {
			func(b *app.Bundle, run func()) {
				b.Mailer.Fail(&ports.MailRefusal{Step: "RCPT TO", Answer: refused, Err: ports.ErrMailRejected})
				run()
			},
			[]string{"mail_refused reset_password " + refused},
		},
		"of no use any more": {
			func(b *app.Bundle, run func()) {
				b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
				run()
			},
			[]string{"mail_withdrawn reset_password"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			id := b.Account(app.Ada, app.Password).ID()
			b.Queue.Pause()
			ctx := ports.WithRequestID(t.Context(), from)
			requested := b.MailEvents(id, func() {
				_, err := b.UseCases.SendUserMail.Execute(ctx, ports.SendUserMailCommand{Principal: domain.Operator(), UserID: id.String(), Mail: "reset_password", Origin: ports.Origin{RequestID: from}})
				require.NoError(t, err)
			})
			assert.Equal(t, []string{"mail_requested reset_password"}, requested)
			got := b.MailEvents(id, func() { test.does(b, func() { _ = b.Queue.RunAll(ctx) }) })
			assert.Equal(t, test.want, got)
			assert.Empty(t, b.Queue.Pending())
			for _, e := range b.Events() {
				b.RequireNoSecret(e)
				if e.Type.OfMail() && e.Detail == "reset_password" {
					assert.Equal(t, from, e.RequestID)
				}
			}
		})
	}
}

// A request without a session names an address, and its account learns of it when the queue
// looks the address up. Staff see why no mail came of it.
func TestDeliverMail_RecordsRequestsByAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	id := b.Account(app.Ada, app.Password).ID()
	request := func() { require.NoError(t, b.RequestReset(app.Ada)) }
	assert.Equal(t, []string{"mail_requested reset_password", "mail_sent reset_password 250 kept in memory"}, b.MailEvents(id, request))
	verification := func() { require.NoError(t, b.RequestVerification(app.Ada)) }
	assert.Equal(t, []string{"mail_withdrawn verify_email"}, b.MailEvents(id, verification), "the address is confirmed")
	b.Queue.Pause()
	request()
	b.Clock.Advance(time.Hour)
	assert.Equal(t, []string{"mail_expired reset_password"}, b.MailEvents(id, func() { require.NoError(t, b.Queue.RunAll(t.Context())) }))
	b.Queue.Resume()
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
	assert.Equal(t, []string{"mail_withdrawn reset_password"}, b.MailEvents(id, request))
	assert.Empty(t, app.WithoutMails(b.Recorded(func() { require.NoError(t, b.RequestReset("nobody@example.com")) })))
}

// A request to move to another address leaves the same in the activity and the export of the
// user, whether or not that address has an account. Staff see the mail.
func TestDeliverMail_HidesFromUsersWhetherAnAddressIsFree(t *testing.T) {
	t.Parallel()
	seen := func(address string) (activity, export, staff []string) {
		b := app.New(t)
		b.Account(app.Ada, app.Password)
		b.Account(app.Bob, app.Password)
		p := b.SignIn(app.Ada, app.Password)
		require.NoError(t, b.ChangeEmail(p, address, app.Password))
		page, err := b.Activity(ports.ListActivityCommand{Principal: p})
		require.NoError(t, err)
		all, err := b.Audit(ports.ListAuditCommand{SubjectID: b.User(app.Ada).ID().String()})
		require.NoError(t, err)
		exported, err := b.Export(p)
		require.NoError(t, err)
		words := func(events []domain.Event) (words []string) {
			for _, e := range events {
				words = append(words, string(e.Type)+" "+e.Detail)
			}
			return words
		}
		return words(page.Events), words(exported.Events), words(all.Events)
	}
	free, freeExport, staff := seen(app.Moved)
	taken, takenExport, staffOfTaken := seen(app.Bob)
	assert.Equal(t, free, taken)
	assert.Equal(t, freeExport, takenExport)
	assert.Contains(t, free, "mail_sent email_changing")
	assert.Contains(t, staff, "mail_sent change_email")
	assert.NotContains(t, staffOfTaken, "mail_sent change_email")
}

// The answer of the mail server goes with the account, and no later one about it is kept.
func TestDeliverMail_KeepsNoAnswerAboutADeletedAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	id := b.Account(app.Ada, app.Password).ID()
	p := b.SignIn(app.Ada, app.Password)
	require.NoError(t, b.DeleteAccount(p, app.Password))
	var about []string
	for _, e := range b.Events() {
		assert.Empty(t, e.Reason)
		if e.SubjectID == id && e.Type.OfMail() {
			about = append(about, string(e.Type)+" "+e.Detail)
		}
	}
	assert.Equal(t, []string{"mail_requested verify_email", "mail_sent verify_email", "mail_requested account_closed", "mail_sent account_closed"}, about)
}
