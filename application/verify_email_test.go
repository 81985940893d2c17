package application_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (b *bundle) requestVerification(address string) error {
	_, err := b.RequestVerification.Execute(b.t.Context(), ports.RequestVerificationCommand{Email: address, Origin: b.from})
	return err
}

func TestVerifyEmail_AnswersTheUserAndWorksOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	require.NoError(t, b.register(ada, password))
	link := b.lastSecret(ada)
	assert.Empty(t, b.mailed(func() {
		result, err := b.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: link})
		require.NoError(t, err)
		assert.True(t, result.User.EmailVerified())
	}))
	assert.True(t, b.user(ada).EmailVerified())
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(link) })
}

// S-18, V-18: one answer for every cause, and the time counts at once.
func TestVerifyEmail_RefusesEveryUnusableTokenAlike(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	require.NoError(t, b.register(ada, password))
	link := b.lastSecret(ada)
	reset := b.resetSecret(ada)
	text := link.Reveal()
	for _, token := range []domain.Secret{{}, secret("junk"), secret(text + "="), secret(text[1:]), secret(" " + text), reset} {
		refusal := b.refused(domain.ErrInvalidToken, func() error { return b.verify(token) })
		assert.Same(t, domain.ErrInvalidToken, refusal)
	}
	b.clock.Advance(24*time.Hour - time.Microsecond)
	require.NoError(t, b.requestVerification(ada))
	later := b.lastSecret(ada)
	b.clock.Advance(time.Microsecond)
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(link) })
	require.NoError(t, b.verify(later))
}

func TestVerifyEmail_RefusesADisabledAndADeletedAccount(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	require.NoError(t, b.register(ada, password))
	link := b.lastSecret(ada)
	id := b.user(ada).ID().String()
	require.NoError(t, b.setStatus(domain.Operator(), id, "disabled"))
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(link) })
	require.NoError(t, b.setStatus(domain.Operator(), id, "active"))
	require.NoError(t, b.verify(link))

	require.NoError(t, b.register(bob, password))
	require.NoError(t, b.deleteUser(domain.Operator(), b.user(bob).ID().String()))
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(b.lastSecret(bob)) })
}

func TestRequestVerification_MailsUnverifiedAccountsOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	require.NoError(t, b.register(ada, password))
	first := b.lastSecret(ada)
	assert.Equal(t, []string{"verify_email " + ada}, b.mailed(func() { require.NoError(t, b.requestVerification(" ADA@example.com ")) }))
	require.NoError(t, b.verify(b.lastSecret(ada)))
	require.NoError(t, b.verify(first), "an older mail works as well")
	b.account("disabled@example.com", password)
	b.change("disabled@example.com", func(s *domain.UserSnapshot) {
		s.EmailVerified, s.Status = false, domain.StatusDisabled.String()
	})
	for _, address := range []string{ada, "unknown@example.com", "disabled@example.com"} {
		assert.Zero(t, b.hashes(func() {
			assert.Empty(t, b.mailed(func() { require.NoError(t, b.requestVerification(address)) }), address)
		}))
	}
	assert.Empty(t, b.queue.Pending())
	b.refused(domain.ErrInvalidEmail, func() error { return b.requestVerification("no address") })
}

// S-15, V-16: the request itself only stores what was typed.
func TestRequestedMails_AreTheSameWorkForEveryAddress(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	require.NoError(t, b.register(ada, password))
	b.queue.Pause()
	for _, address := range []string{ada, "unknown@example.com"} {
		require.NoError(t, b.requestVerification(address))
		require.NoError(t, b.requestReset(address))
	}
	assert.Equal(t, []ports.MailJob{
		{Mail: domain.MailVerifyEmail, Email: ada, AcceptedAt: start, ExpiresAt: start.Add(24 * time.Hour)},
		{Mail: domain.MailResetPassword, Email: ada, AcceptedAt: start, ExpiresAt: start.Add(time.Hour)},
		{Mail: domain.MailVerifyEmail, Email: "unknown@example.com", AcceptedAt: start, ExpiresAt: start.Add(24 * time.Hour)},
		{Mail: domain.MailResetPassword, Email: "unknown@example.com", AcceptedAt: start, ExpiresAt: start.Add(time.Hour)},
	}, b.queue.Pending())
}
