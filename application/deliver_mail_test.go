package application_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

var errNoServer = errors.New("the mail server is gone")

func (b *bundle) deliver(job ports.MailJob) error {
	_, err := b.DeliverMail.Execute(b.t.Context(), job)
	return err
}

// an accepted request is mailed once the server is back, and no secret
// waits anywhere meanwhile.
func TestDeliverMail_AnOutageLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(bob, password)
	b.mailbox.Fail(errNoServer)
	require.NoError(t, b.register(ada, password))
	require.NoError(t, b.requestReset(bob))
	for range 3 {
		b.clock.Advance(10 * time.Minute)
		require.ErrorIs(t, b.queue.RunAll(t.Context()), errNoServer)
	}
	b.mailbox.Fail(nil)
	require.NoError(t, b.queue.RunAll(t.Context()))
	assert.Empty(t, b.queue.Pending())
	require.NoError(t, b.verify(b.lastSecret(ada)))
	mail, _ := b.mailbox.Last(bob)
	assert.Equal(t, start.Add(time.Hour), mail.ExpiresAt, "the life counts from the request")
	require.NoError(t, b.reset(mail.TokenSecret, another))
}

// At least once means that a mail may come twice.
func TestDeliverMail_ARetryCarriesANewSecretAndTheNewestWorks(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.queue.Pause()
	require.NoError(t, b.register(ada, password))
	job := b.queue.Pending()[0]
	require.NoError(t, b.deliver(job))
	first := b.lastSecret(ada)
	require.NoError(t, b.deliver(job))
	second := b.lastSecret(ada)
	assert.False(t, first.Equal(second))
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(first) })
	require.NoError(t, b.verify(second))
	assert.Empty(t, b.mailed(func() { require.NoError(t, b.deliver(job)) }), "it was used")
}

func TestDeliverMail_ARepeatedRequestJobMailsATokenEach(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	job := ports.MailJob{Mail: domain.MailResetPassword, Email: ada, AcceptedAt: start, ExpiresAt: start.Add(time.Hour)}
	require.NoError(t, b.deliver(job))
	first := b.lastSecret(ada)
	require.NoError(t, b.deliver(job))
	second := b.lastSecret(ada)
	require.NoError(t, b.reset(first, another))
	b.refused(domain.ErrInvalidToken, func() error { return b.reset(second, another) })
}

func TestDeliverMail_WhatHasBecomePointlessIsDoneWithoutAMail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		request, meanwhile func(b *bundle)
	}{
		"the account is gone": {
			func(b *bundle) { require.NoError(b.t, b.register(ada, password)) },
			func(b *bundle) { require.NoError(b.t, b.deleteUser(domain.Operator(), b.user(ada).ID().String())) },
		},
		"the account is disabled": {
			func(b *bundle) { require.NoError(b.t, b.register(ada, password)) },
			func(b *bundle) {
				require.NoError(b.t, b.setStatus(domain.Operator(), b.user(ada).ID().String(), "disabled"))
			},
		},
		"the owner of a notice is gone": {
			func(b *bundle) {
				require.NoError(b.t, b.register(ada, password))
				b.change(ada, func(s *domain.UserSnapshot) { s.EmailVerified = true })
				require.NoError(b.t, b.queue.RunAll(b.t.Context()))
				require.NoError(b.t, b.register(ada, password))
			},
			func(b *bundle) { require.NoError(b.t, b.deleteUser(domain.Operator(), b.user(ada).ID().String())) },
		},
		"the job expired": {
			func(b *bundle) { require.NoError(b.t, b.register(ada, password)) },
			func(b *bundle) { b.clock.Advance(24 * time.Hour) },
		},
		"the address is verified": {
			func(b *bundle) {
				require.NoError(b.t, b.register(ada, password))
				require.NoError(b.t, b.queue.RunAll(b.t.Context()))
				require.NoError(b.t, b.requestVerification(ada))
			},
			func(b *bundle) { require.NoError(b.t, b.verify(b.lastSecret(ada))) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.queue.Pause()
			test.request(b)
			require.Len(t, b.queue.Pending(), 1)
			test.meanwhile(b)
			assert.Empty(t, b.mailed(func() { require.NoError(t, b.queue.RunAll(t.Context())) }))
			assert.Empty(t, b.queue.Pending())
		})
	}
}

func TestDeliverMail_AnAddressThatNobodyCanHaveIsDone(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	require.NoError(t, b.deliver(ports.MailJob{Mail: domain.MailResetPassword, Email: "no address", AcceptedAt: start, ExpiresAt: start.Add(time.Hour)}))
	assert.Empty(t, b.mails())
}

func TestDeliverMail_AnUnknownKindIsAnError(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	require.Error(t, b.deliver(ports.MailJob{Mail: "", ExpiresAt: start.Add(time.Hour)}))
	require.NoError(t, b.deliver(ports.MailJob{Mail: "", ExpiresAt: start}), "but an expired one is over")
}

func TestDeliverMail_ARejectionReachesTheQueue(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.queue.Pause()
	require.NoError(t, b.register(ada, password))
	b.mailbox.Fail(fmt.Errorf("550: %w", ports.ErrMailRejected))
	require.ErrorIs(t, b.deliver(b.queue.Pending()[0]), ports.ErrMailRejected)
}

// The notice of an address change goes to the old address, however late.
func TestDeliverMail_TheNoticeOfAnAddressChangeGoesToTheOldAddress(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	b.queue.Pause()
	require.NoError(t, b.changeEmail(p, moved, password))
	jobs := b.queue.Pending()
	require.Len(t, jobs, 2)
	require.NoError(t, b.deliver(jobs[0]))
	require.NoError(t, b.verify(b.lastSecret(moved)))
	for _, job := range jobs {
		assert.Empty(t, job.Email, "jobs hold no address")
	}
	assert.Equal(t, []string{"email_changing " + ada}, b.mailed(func() { require.NoError(t, b.deliver(jobs[1])) }))
	mail, _ := b.mailbox.Last(ada)
	assert.Equal(t, moved, mail.NewEmail.String())
}
