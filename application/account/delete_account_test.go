package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	require.NoError(t, b.DeleteAccount(p, app.Password))
	b.RequireEnded(tokens)
	assert.Empty(t, b.Users())
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
}
