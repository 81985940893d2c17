package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestDeleteAccount_NeedsThePassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	p := b.Principal(tokens)
	for _, pass := range []string{"", app.Another} {
		refusal := b.Refused(domain.ErrWrongPassword, func() error { return b.DeleteAccount(p, pass) })
		assert.Equal(t, "password", refusal.Field)
	}
	for _, signedOut := range []domain.Principal{{}, domain.Operator()} {
		b.Refused(domain.ErrUnauthenticated, func() error { return b.DeleteAccount(signedOut, app.Password) })
	}
	b.From = app.At("198.51.100.7")
	assert.Equal(t, []string{"account_closed " + app.Ada}, b.Mailed(func() { require.NoError(t, b.DeleteAccount(p, app.Password)) }))
	mail, _ := b.Mailer.Last(app.Ada)
	assert.Equal(t, "198.51.100.7", mail.Client.IP)
	assert.Equal(t, b.Clock.Now(), mail.At)
	b.RequireEnded(tokens)
	assert.Empty(t, b.Users())
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
}

// Without verification, an address may belong to a stranger to the account, whom nothing
// of it concerns.
func TestDeleteAccount_AnUnconfirmedAddressGetsNoMail(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.EmailVerificationRequired = false })
	require.NoError(t, b.Register(app.Ada, app.Password))
	p := b.SignIn(app.Ada, app.Password)
	b.Mails()
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.DeleteAccount(p, app.Password)) }))
	assert.Empty(t, b.Users())
}
