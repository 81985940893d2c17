package password_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// V-07: the session that asked goes on, with the very tokens it has.
func TestChangePassword_KeepsItsOwnSessionAndEndsTheOthers(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	own, other := b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)
	link := b.ResetSecret(app.Ada)
	p := b.Principal(own)
	assert.Equal(t, []string{"password_changed " + app.Ada}, b.Mailed(func() {
		require.NoError(t, b.ChangePassword(p, app.Password, app.Another))
	}))
	b.RequireLive(own)
	b.RequireEnded(other)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(link, "a third password") })
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	b.Login(app.Ada, app.Another)
	b.RequireLive(b.MustRefresh(own.RefreshToken))
	assert.Len(t, b.Live(b.User(app.Ada)), 2)
}

func TestChangePassword_Refusals(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	p := b.Principal(tokens)
	for next, want := range map[string]error{
		"":            domain.ErrPasswordTooShort,
		"password123": domain.ErrPasswordCommon,
		app.Ada:       domain.ErrPasswordFromContext,
	} {
		refusal := b.Refused(want, func() error { return b.ChangePassword(p, app.Password, next) })
		assert.Equal(t, "new_password", refusal.Field)
	}
	refusal := b.Refused(domain.ErrWrongPassword, func() error { return b.ChangePassword(p, app.Another, "a third password") })
	assert.Equal(t, "current_password", refusal.Field)
	for _, signedOut := range []domain.Principal{{}, domain.Operator()} {
		b.Refused(domain.ErrUnauthenticated, func() error { return b.ChangePassword(signedOut, app.Password, app.Another) })
	}
	b.RequireLive(tokens)
}
