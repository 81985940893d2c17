package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestVerifyEmail_AnswersTheUserAndWorksOnce(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	link := b.LastSecret(app.Ada)
	assert.Empty(t, b.Mailed(func() {
		result, err := b.UseCases.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: link})
		require.NoError(t, err)
		assert.True(t, result.User.EmailVerified())
	}))
	assert.True(t, b.User(app.Ada).EmailVerified())
	b.Clock.Advance(domain.RepeatLife)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(link) })
}

// S-18, V-18: one answer for every cause, and the time counts at once.
func TestVerifyEmail_RefusesEveryUnusableTokenAlike(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	link := b.LastSecret(app.Ada)
	reset := b.ResetSecret(app.Ada)
	text := link.Reveal()
	for _, token := range []domain.Secret{{}, app.Secret("junk"), app.Secret(text + "="), app.Secret(text[1:]), app.Secret(" " + text), reset} {
		refusal := b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(token) })
		assert.Same(t, domain.ErrInvalidToken, refusal)
	}
	b.Clock.Advance(24*time.Hour - time.Microsecond)
	require.NoError(t, b.RequestVerification(app.Ada))
	later := b.LastSecret(app.Ada)
	b.Clock.Advance(time.Microsecond)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(link) })
	require.NoError(t, b.Verify(later))
}

func TestVerifyEmail_RefusesADisabledAndADeletedAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	link := b.LastSecret(app.Ada)
	id := b.User(app.Ada).ID().String()
	require.NoError(t, b.SetStatus(domain.Operator(), id, "disabled"))
	b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(link) })
	require.NoError(t, b.SetStatus(domain.Operator(), id, "active"))
	require.NoError(t, b.Verify(link))

	require.NoError(t, b.Register(app.Bob, app.Password))
	link = b.LastSecret(app.Bob)
	require.NoError(t, b.DeleteUser(domain.Operator(), b.User(app.Bob).ID().String()))
	b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(link) })
}

func TestRequestVerification_MailsUnverifiedAccountsOnly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	first := b.LastSecret(app.Ada)
	assert.Equal(t, []string{"verify_email " + app.Ada}, b.Mailed(func() { require.NoError(t, b.RequestVerification(" ADA@example.com ")) }))
	require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
	require.NoError(t, b.Verify(first), "an older mail works as well")
	b.Account("disabled@example.com", app.Password)
	b.Edit("disabled@example.com", func(s *domain.UserSnapshot) {
		s.EmailVerified, s.Status = false, domain.StatusDisabled.String()
	})
	for _, address := range []string{app.Ada, "unknown@example.com", "disabled@example.com"} {
		assert.Zero(t, b.Hashes(func() {
			assert.Empty(t, b.Mailed(func() { require.NoError(t, b.RequestVerification(address)) }), address)
		}))
	}
	assert.Empty(t, b.Queue.Pending())
	b.Refused(domain.ErrInvalidEmail, func() error { return b.RequestVerification("no address") })
}

// S-15, V-16: the request itself only stores what was typed.
func TestRequestedMails_AreTheSameWorkForEveryAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	b.Queue.Pause()
	for _, address := range []string{app.Ada, "unknown@example.com"} {
		require.NoError(t, b.RequestVerification(address))
		require.NoError(t, b.RequestReset(address))
	}
	assert.Equal(t, []ports.MailJob{
		{Mail: domain.MailVerifyEmail, Email: app.Ada, AcceptedAt: app.Start, ExpiresAt: app.Start.Add(24 * time.Hour)},
		{Mail: domain.MailResetPassword, Email: app.Ada, AcceptedAt: app.Start, ExpiresAt: app.Start.Add(time.Hour)},
		{Mail: domain.MailVerifyEmail, Email: "unknown@example.com", AcceptedAt: app.Start, ExpiresAt: app.Start.Add(24 * time.Hour)},
		{Mail: domain.MailResetPassword, Email: "unknown@example.com", AcceptedAt: app.Start, ExpiresAt: app.Start.Add(time.Hour)},
	}, b.Queue.Pending())
}
