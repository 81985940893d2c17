package signin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// demand makes the next sign-in of a new account replace its password.
func demand(b *app.Bundle) {
	b.Helper()
	id := b.Account(app.Ada, app.Password).ID().String()
	setDemand(b, id, true)
}

func setDemand(b *app.Bundle, id string, required bool) {
	b.Helper()
	_, err := b.ChangeUser(ports.ChangeUserCommand{Principal: domain.Operator(), UserID: id, PasswordChangeRequired: &required})
	require.NoError(b, err)
}

// challenged signs in, and returns the challenge of the next step.
func challenged(b *app.Bundle) domain.Secret {
	b.Helper()
	result, err := b.LoginFrom(domain.Secret{}, app.Ada, app.Password)
	require.ErrorIs(b, err, domain.ErrPasswordChangeRequired)
	require.NotNil(b, result.Next)
	require.True(b, result.Next.PasswordChange)
	require.True(b, result.AccessToken.IsEmpty())
	return result.Next.Challenge
}

func replace(b *app.Bundle, challenge domain.Secret, password string) (ports.LoginResult, error) {
	return b.UseCases.ReplacePassword.Execute(b.Context(), ports.ReplacePasswordCommand{
		Challenge: challenge, NewPassword: app.Secret(password), Origin: b.From,
	})
}

func TestReplacePassword_SignsInWithANewPassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	open := b.Login(app.Ada, app.Password)
	required := []app.Entry{{Type: domain.EventPasswordChangeRequired, Operator: true, Subject: user.ID()}}
	assert.Equal(t, required, b.Entries(func() { setDemand(b, user.ID().String(), true) }))
	b.RequireEnded(open)
	assert.Empty(t, b.Entries(func() { setDemand(b, user.ID().String(), true) }), "a second demand changes nothing")
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, "wrong"); return err })

	var challenge domain.Secret
	refused := []app.Entry{b.About(domain.EventLoginRefused, app.Ada, "password_change_required")}
	assert.Equal(t, refused, b.Entries(func() { challenge = challenged(b) }))
	b.Refused(domain.ErrSamePassword, func() error { _, err := replace(b, challenge, app.Password); return err })
	assert.Equal(t, "new_password", b.Refused(domain.ErrPasswordTooShort, func() error { _, err := replace(b, challenge, "short"); return err }).Field)
	var result ports.LoginResult
	assert.Equal(t, []string{"password_changed " + app.Ada}, b.Mailed(func() {
		var err error
		result, err = replace(b, challenge, app.Another)
		require.NoError(t, err)
	}))
	require.Nil(t, result.Next)
	b.RequireLive(result.TokensResult)
	assert.False(t, result.DeviceToken.IsEmpty())
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := replace(b, challenge, "yet another password"); return err })
	b.RequireLive(b.MustRefresh(result.RefreshToken))
	b.Login(app.Ada, app.Another)
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
}

func TestReplacePassword_RefusesAChallengeThatNoLongerHolds(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(b *app.Bundle){
		"too late":         func(b *app.Bundle) { b.Clock.Advance(domain.ChallengeLife) },
		"sessions ended":   func(b *app.Bundle) { b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.SessionEpoch++ }) },
		"password dropped": func(b *app.Bundle) { b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.PasswordHash = "" }) },
		"demand lifted":    func(b *app.Bundle) { setDemand(b, b.User(app.Ada).ID().String(), false) },
		"reset":            func(b *app.Bundle) { require.NoError(b, b.Reset(b.ResetSecret(app.Ada), "a password by mail")) },
		"deleted": func(b *app.Bundle) {
			require.NoError(b, b.DeleteUser(domain.Operator(), b.User(app.Ada).ID().String()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			demand(b)
			challenge := challenged(b)
			change(b)
			b.Refused(domain.ErrInvalidCredentials, func() error { _, err := replace(b, challenge, app.Another); return err })
		})
	}
	b := app.New(t)
	for _, junk := range []string{"", "junk", "a.b"} {
		b.Refused(domain.ErrInvalidCredentials, func() error { _, err := replace(b, app.Secret(junk), app.Another); return err })
	}
}

// A reset clears the demand.
func TestReplacePassword_IsNotNeededAfterAReset(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	demand(b)
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	assert.False(t, b.User(app.Ada).PasswordChangeRequired())
	b.Login(app.Ada, app.Another)
}

// The second step counts in the limits of sign-ins, so it does not give more hashes.
func TestReplacePassword_CountsAsALogin(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	demand(b)
	b.From = app.At("192.0.2.9")
	b.Limit(ports.LimitLoginAccount, domain.Quota{Events: 3, Per: time.Hour})
	challenge := challenged(b)
	for range 2 {
		b.Refused(domain.ErrSamePassword, func() error { _, err := replace(b, challenge, app.Password); return err })
	}
	b.Refused(domain.ErrRateLimited, func() error { _, err := replace(b, challenge, app.Another); return err })
}

func TestReplacePassword_NeedsAPasswordToReplace(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Bob})
	require.NoError(t, err)
	yes := true
	b.Refused(domain.ErrInvalidParameter, func() error {
		_, err := b.ChangeUser(ports.ChangeUserCommand{Principal: domain.Operator(), UserID: user.ID().String(), PasswordChangeRequired: &yes})
		return err
	})
}
