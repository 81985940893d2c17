package usecases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// confirmations are the requests of a session that ask for the password again.
var confirmations = map[string]func(b *app.Bundle, p domain.Principal, password string) error{
	"a new password": func(b *app.Bundle, p domain.Principal, password string) error {
		return b.ChangePassword(p, password, app.Another)
	},
	"a new address": func(b *app.Bundle, p domain.Principal, password string) error {
		return b.ChangeEmail(p, app.Moved, password)
	},
	"a deletion": func(b *app.Bundle, p domain.Principal, password string) error { return b.DeleteAccount(p, password) },
}

// F-M7: 20 wrong passwords in a row end the session in which they were entered, and no
// other one.
func TestConfirmations_TwentyWrongPasswordsInARowEndTheSession(t *testing.T) {
	t.Parallel()
	for name, request := range confirmations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			stolen, other := b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)
			p := b.Principal(stolen)
			user, session := b.Actor(p)
			wrong := func(n int) {
				for range n {
					require.ErrorIs(t, request(b, p, "wrong"), domain.ErrWrongPassword)
				}
			}
			wrong(19)
			b.RequireLive(stolen)
			refused := app.Entry{Type: domain.EventPasswordRefused, Actor: user, Subject: user, Session: session}
			ended := refused
			ended.Type, ended.Detail = domain.EventSessionRevoked, "wrong_passwords"
			assert.Equal(t, []app.Entry{refused, ended}, b.Entries(func() { wrong(1) }))
			b.RequireEnded(stolen)
			b.RequireLive(other)
			assert.Equal(t, []app.Entry{refused}, b.Entries(func() { wrong(1) }), "a request that was under way ends nothing twice")
			require.ErrorIs(t, request(b, p, app.Password), domain.ErrSessionEnded)
			b.Login(app.Ada, app.Password)
		})
	}
}

// F-M7: a right password begins the row anew, and the row outlives refreshes of the
// session.
func TestConfirmations_ARightPasswordBeginsTheRowAnew(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	for range 3 {
		p := b.Principal(tokens)
		for range 19 {
			require.ErrorIs(t, b.DeleteAccount(p, "wrong"), domain.ErrWrongPassword)
		}
		require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
		b.Clock.Advance(time.Hour)
		tokens = b.MustRefresh(tokens.RefreshToken)
	}
	for range 19 {
		require.ErrorIs(t, b.DeleteAccount(b.Principal(tokens), "wrong"), domain.ErrWrongPassword)
	}
	tokens = b.MustRefresh(tokens.RefreshToken)
	require.ErrorIs(t, b.DeleteAccount(b.Principal(tokens), "wrong"), domain.ErrWrongPassword)
	b.RequireEnded(tokens)
}

// F-M7: the row of a session counts for no other session, device or address.
func TestConfirmations_CountForTheirSessionOnly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	for range 6 { // 114 wrong passwords
		p := b.SignIn(app.Ada, app.Password)
		for range 19 {
			require.ErrorIs(t, b.DeleteAccount(p, "wrong"), domain.ErrWrongPassword)
		}
	}
	b.Login(app.Ada, app.Password)
}

// F-M7: whatever fails, a wrong password that ends a session is stored with the end and
// its events, or not at all.
func TestFaults_TheEndOfASessionByWrongPasswordsIsWhole(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	p := b.Principal(tokens)
	for range 19 {
		require.ErrorIs(t, b.DeleteAccount(p, "wrong"), domain.ErrWrongPassword)
	}
	before, events := b.State(), b.Events()
	err := eachFault(t, failingStore(b), func() error { return b.DeleteAccount(p, "wrong") }, func() {
		require.Equal(t, before, b.State())
		require.Equal(t, events, b.Events())
	})
	require.ErrorIs(t, err, domain.ErrWrongPassword)
	b.RequireEnded(tokens)
}
