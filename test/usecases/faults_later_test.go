package usecases_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// A reused token whose session could not be ended is not told to be reused.
func TestFaults_ARevocationThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.NoGrace)
	b.Account(app.Ada, app.Password)
	first := b.Login(app.Ada, app.Password)
	b.MustRefresh(first.RefreshToken)
	b.Queue.Pause()
	before, events := b.State(), b.Events()
	err := eachFault(t, failingStore(b), func() error { _, err := b.Refresh(first.RefreshToken); return err }, func() {
		require.Equal(t, before, b.State())
		require.Equal(t, events, b.Events())
	})
	require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
	require.NoError(t, b.Queue.RunAll(t.Context()))
	assert.Contains(t, b.Mails(), "session_reused "+app.Ada)
}

// F-MAIL: a mail job that fails at any point is done by a retry.
func TestFaults_ADeliveryThatFailsIsDoneByARetry(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]func(b *app.Bundle){
		"token":  func(b *app.Bundle) { require.NoError(b, b.Register(app.Bob, app.Password)) },
		"reset":  func(b *app.Bundle) { require.NoError(b, b.RequestReset(app.Ada)) },
		"notice": func(b *app.Bundle) { require.NoError(b, b.Register(app.Ada, app.Password)) },
		"change": func(b *app.Bundle) {
			p := b.SignIn(app.Ada, app.Password)
			require.NoError(b, b.ChangeEmail(p, app.Moved, app.Password))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			b.Queue.Pause()
			request(b)
			jobs := b.Queue.Pending()
			job := jobs[len(jobs)-1]
			mails := b.Mails()
			unrecorded := false
			require.NoError(t, eachFault(t, failingStore(b), func() error {
				err := b.Deliver(job)
				unrecorded = errors.Is(err, ports.ErrMailUnrecorded)
				return err
			}, func() {
				if unrecorded { // the mail is on its way, so no retry comes
					require.Len(t, b.Mails(), len(mails)+1)
					return
				}
				require.Equal(t, mails, b.Mails())
			}))
		})
	}
}

// A refresh whose answer is lost at any point is repeated, and one live token comes of it.
func TestFaults_ARefreshWhoseAnswerIsLostIsRepeated(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		b := app.New(t)
		b.Account(app.Ada, app.Password)
		first := b.Login(app.Ada, app.Password)
		b.Store.Fail(memory.Fault{Err: app.ErrFault, Call: n, AnswerLost: true})
		_, err := b.Refresh(first.RefreshToken)
		if b.Store.Calls() < n {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, app.ErrFault)
		second := b.MustRefresh(first.RefreshToken)
		b.MustRefresh(second.RefreshToken)
		require.Len(t, b.Live(b.User(app.Ada)), 1)
	}
}
