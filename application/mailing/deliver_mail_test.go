package mailing_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

var errNoServer = errors.New("the mail server is gone")

// an accepted request is mailed once the server is back, and no secret
// waits anywhere meanwhile.
func TestDeliverMail_AnOutageLosesNothing(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Bob, app.Password)
	b.Mailer.Fail(errNoServer)
	require.NoError(t, b.Register(app.Ada, app.Password))
	require.NoError(t, b.RequestReset(app.Bob))
	for range 3 {
		b.Clock.Advance(10 * time.Minute)
		require.ErrorIs(t, b.Queue.RunAll(t.Context()), errNoServer)
	}
	b.Mailer.Fail(nil)
	require.NoError(t, b.Queue.RunAll(t.Context()))
	assert.Empty(t, b.Queue.Pending())
	require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
	mail, _ := b.Mailer.Last(app.Bob)
	assert.Equal(t, app.Start.Add(time.Hour), mail.ExpiresAt, "the life counts from the request")
	require.NoError(t, b.Reset(mail.TokenSecret, app.Another))
}

// At least once means that a mail may come twice.
func TestDeliverMail_ARetryCarriesANewSecretAndTheNewestWorks(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Queue.Pause()
	require.NoError(t, b.Register(app.Ada, app.Password))
	job := b.Queue.Pending()[0]
	require.NoError(t, b.Deliver(job))
	first := b.LastSecret(app.Ada)
	require.NoError(t, b.Deliver(job))
	second := b.LastSecret(app.Ada)
	assert.False(t, first.Equal(second))
	b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(first) })
	require.NoError(t, b.Verify(second))
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.Deliver(job)) }), "it was used")
}

func TestDeliverMail_ARepeatedRequestJobMailsATokenEach(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	job := ports.MailJob{Mail: domain.MailResetPassword, Email: app.Ada, AcceptedAt: app.Start, ExpiresAt: app.Start.Add(time.Hour)}
	require.NoError(t, b.Deliver(job))
	first := b.LastSecret(app.Ada)
	require.NoError(t, b.Deliver(job))
	second := b.LastSecret(app.Ada)
	require.NoError(t, b.Reset(first, app.Another))
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(second, app.Another) })
}

func TestDeliverMail_FinishesPointlessJobsWithoutAMail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		request, meanwhile func(b *app.Bundle)
	}{
		"the account is gone": {
			func(b *app.Bundle) { require.NoError(b, b.Register(app.Ada, app.Password)) },
			func(b *app.Bundle) {
				require.NoError(b, b.DeleteUser(domain.Operator(), b.User(app.Ada).ID().String()))
			},
		},
		"the account is disabled": {
			func(b *app.Bundle) { require.NoError(b, b.Register(app.Ada, app.Password)) },
			func(b *app.Bundle) {
				require.NoError(b, b.SetStatus(domain.Operator(), b.User(app.Ada).ID().String(), "disabled"))
			},
		},
		"the owner of a notice is gone": {
			func(b *app.Bundle) {
				require.NoError(b, b.Register(app.Ada, app.Password))
				b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.EmailVerified = true })
				require.NoError(b, b.Queue.RunAll(b.Context()))
				require.NoError(b, b.Register(app.Ada, app.Password))
			},
			func(b *app.Bundle) {
				require.NoError(b, b.DeleteUser(domain.Operator(), b.User(app.Ada).ID().String()))
			},
		},
		"the job expired": {
			func(b *app.Bundle) { require.NoError(b, b.Register(app.Ada, app.Password)) },
			func(b *app.Bundle) { b.Clock.Advance(24 * time.Hour) },
		},
		"the address is verified": {
			func(b *app.Bundle) {
				require.NoError(b, b.Register(app.Ada, app.Password))
				require.NoError(b, b.Queue.RunAll(b.Context()))
				require.NoError(b, b.RequestVerification(app.Ada))
			},
			func(b *app.Bundle) { require.NoError(b, b.Verify(b.LastSecret(app.Ada))) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Queue.Pause()
			test.request(b)
			require.Len(t, b.Queue.Pending(), 1)
			test.meanwhile(b)
			for _, mail := range b.Mailed(func() { require.NoError(t, b.Queue.RunAll(t.Context())) }) {
				// F-L8: what the administrator did meanwhile is told, and nothing else.
				assert.Contains(t, []string{"account_deleted " + app.Ada, "account_disabled " + app.Ada}, mail)
			}
			assert.Empty(t, b.Queue.Pending())
		})
	}
}

func TestDeliverMail_FinishesJobsForImpossibleAddresses(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Deliver(ports.MailJob{Mail: domain.MailResetPassword, Email: "no address", AcceptedAt: app.Start, ExpiresAt: app.Start.Add(time.Hour)}))
	assert.Empty(t, b.Mails())
}

func TestDeliverMail_AnUnknownKindIsAnError(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.Error(t, b.Deliver(ports.MailJob{Mail: "", ExpiresAt: app.Start.Add(time.Hour)}))
	require.NoError(t, b.Deliver(ports.MailJob{Mail: "", ExpiresAt: app.Start}), "but an expired one is over")
}

func TestDeliverMail_ARejectionReachesTheQueue(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Queue.Pause()
	require.NoError(t, b.Register(app.Ada, app.Password))
	b.Mailer.Fail(fmt.Errorf("550: %w", ports.ErrMailRejected))
	require.ErrorIs(t, b.Deliver(b.Queue.Pending()[0]), ports.ErrMailRejected)
}

// F-M6, F-H2: a link to choose a password says so if there is none to keep.
func TestDeliverMail_ALinkToChooseAPasswordSaysWhetherThereIsOne(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	b.ResetSecret(app.Ada)
	mail, _ := b.Mailer.Last(app.Ada)
	assert.False(t, mail.NoPassword)
	address := app.Moved
	_, err := b.ChangeUser(ports.ChangeUserCommand{Principal: domain.Operator(), UserID: user.ID().String(), Email: &address, EmailVerified: true, Recover: true})
	require.NoError(t, err)
	mail, _ = b.Mailer.Last(app.Moved)
	assert.Equal(t, domain.MailResetPassword, mail.Kind)
	assert.True(t, mail.NoPassword)
}

// The notice of an address change goes to the old address, however late.
func TestDeliverMail_TheNoticeOfAnAddressChangeGoesToTheOldAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	b.Queue.Pause()
	require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
	jobs := b.Queue.Pending()
	require.Len(t, jobs, 2)
	require.NoError(t, b.Deliver(jobs[0]))
	require.NoError(t, b.Confirm(b.LastSecret(app.Moved), app.Password))
	for _, job := range jobs {
		assert.Empty(t, job.Email, "jobs hold no address")
	}
	assert.Equal(t, []string{"email_changing " + app.Ada}, b.Mailed(func() { require.NoError(t, b.Deliver(jobs[1])) }))
	mail, _ := b.Mailer.Last(app.Ada)
	assert.Equal(t, app.Moved, mail.NewEmail.String())
}
