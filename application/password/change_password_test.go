package password_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// F-M1, V-07: a copy of the own session ends with all others; the caller goes on in a
// fresh one.
func TestChangePassword_EndsEverySessionAndOpensAFreshOne(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	own, other := b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)
	link := b.ResetSecret(app.Ada)
	p := b.Principal(own)
	b.Clock.Advance(time.Minute)
	var fresh ports.LoginResult
	assert.Equal(t, []string{"password_changed " + app.Ada}, b.Mailed(func() {
		var err error
		fresh, err = b.Renew(p, app.Password, app.Another)
		require.NoError(t, err)
	}))
	b.RequireEnded(own)
	b.RequireEnded(other)
	b.RequireLive(fresh.TokensResult)
	b.RequireLive(b.MustRefresh(fresh.RefreshToken))
	live := b.Live(b.User(app.Ada))
	require.Len(t, live, 1)
	assert.Equal(t, fresh.SessionID, live[0].ID())
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(link, "a third password") })
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	b.Login(app.Ada, app.Another)
}

// F-M1: the fresh session is a sign-in of its own: by the password that was checked,
// at that time, with the lives and the origin of a login.
func TestChangePassword_TheFreshSessionIsASignInByThePassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	b.Clock.Advance(time.Hour)
	checked := b.Clock.Now()
	b.Hasher.BeforeHash = func() { b.Clock.Advance(time.Second) }
	b.From = app.At("198.51.100.7")
	fresh, err := b.Renew(p, app.Password, app.Another)
	require.NoError(t, err)
	assert.Nil(t, fresh.Next)
	assert.False(t, fresh.DeviceToken.IsEmpty())
	_, session, err := b.Principal(fresh.TokensResult).SignedIn()
	require.NoError(t, err)
	assert.Equal(t, []domain.Method{domain.MethodPassword}, session.Methods())
	assert.Equal(t, checked, session.AuthenticatedAt())
	assert.Equal(t, b.Clock.Now(), session.CreatedAt())
	assert.Equal(t, b.Clock.Now().Add(b.Settings.SessionLives.Absolute), session.Snapshot().AbsoluteExpiresAt)
	assert.Equal(t, "198.51.100.7", session.Client().IP)
	assert.Equal(t, int64(1), session.Generation())
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
		app.Password:  domain.ErrSamePassword,
	} {
		refusal := b.Refused(want, func() error { return b.ChangePassword(p, app.Password, next) })
		assert.Equal(t, "new_password", refusal.Field)
	}
	b.Refused(domain.ErrSamePassword, func() error { return b.ChangePassword(p, app.Another, app.Another) }) // says nothing about the stored one
	refusal := b.Refused(domain.ErrWrongPassword, func() error { return b.ChangePassword(p, app.Another, "a third password") })
	assert.Equal(t, "current_password", refusal.Field)
	for _, signedOut := range []domain.Principal{{}, domain.Operator()} {
		b.Refused(domain.ErrUnauthenticated, func() error { return b.ChangePassword(signedOut, app.Password, app.Another) })
	}
	b.RequireLive(tokens)
}
