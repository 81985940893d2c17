package signin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// S-32, R-20.
func TestLogout_EndsTheSessionOfEitherToken(t *testing.T) {
	t.Parallel()
	for name, pick := range map[string]func(ports.TokensResult) domain.Secret{
		"access":  func(r ports.TokensResult) domain.Secret { return r.AccessToken },
		"refresh": func(r ports.TokensResult) domain.Secret { return r.RefreshToken },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			tokens, other := b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)
			require.NoError(t, b.Logout(pick(tokens)))
			b.RequireEnded(tokens)
			b.RequireLive(other)
			before := b.State()
			require.NoError(t, b.Logout(pick(tokens)), "twice is once")
			assert.Equal(t, before, b.State())
		})
	}
}

// Old tokens of a live session end it too, because a client that logs out means it.
func TestLogout_TakesExpiredAndReplacedTokens(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	first := b.Login(app.Ada, app.Password)
	b.Clock.Advance(time.Hour)
	newest := b.MustRefresh(first.RefreshToken)
	b.Refused(domain.ErrTokenExpired, func() error { _, err := b.Authenticate(first.AccessToken); return err })
	require.NoError(t, b.Logout(first.AccessToken))
	b.RequireEnded(newest)

	second := b.Login(app.Ada, app.Password)
	b.Clock.Advance(time.Hour)
	newest = b.MustRefresh(second.RefreshToken)
	require.NoError(t, b.Logout(second.RefreshToken))
	b.RequireEnded(newest)
	b.Clock.Advance(60 * 24 * time.Hour)
	require.NoError(t, b.Logout(second.RefreshToken), "long over")
	assert.Len(t, b.Mails(), 1, "logging out is no reuse")
}

func TestLogout_RefusesForeignTokensOnly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	claims, err := b.Ports.Signer.ParseAccess(tokens.AccessToken)
	require.NoError(t, err)
	claims.Issuer = "other"
	issuer, err := b.Ports.Signer.SignAccess(claims)
	require.NoError(t, err)
	refresh, err := b.Ports.Signer.ParseRefresh(tokens.RefreshToken)
	require.NoError(t, err)
	foreign, err := memory.NewTokenSigner().SignRefresh(refresh)
	require.NoError(t, err)
	refresh.Audience = nil
	audience, err := b.Ports.Signer.SignRefresh(refresh)
	require.NoError(t, err)
	for _, token := range []domain.Secret{
		{}, app.Secret("junk"), issuer, foreign, audience, signedElsewhere(t, b, tokens), app.Secret(tokens.AccessToken.Reveal() + "="),
	} {
		b.Refused(domain.ErrUnauthenticated, func() error { return b.Logout(token) })
	}
	b.RequireLive(tokens)
}

func TestLogoutEverywhere_EndsAllOfTheCallersSessions(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	ended := b.Login(app.Ada, app.Password)
	require.NoError(t, b.Logout(ended.AccessToken))
	expired := b.Login(app.Ada, app.Password)
	b.Clock.Advance(8 * 24 * time.Hour)
	bystander := b.Login(app.Bob, app.Password)
	one, two := b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)
	assert.Equal(t, 2, b.LogoutEverywhere(b.Principal(one)), "those that were live, the caller's included")
	b.RequireEnded(one)
	b.RequireEnded(two)
	_, err := b.Refresh(expired.RefreshToken)
	require.Error(t, err)
	b.RequireLive(bystander)
	b.RequireLive(b.Login(app.Ada, app.Password)) // the account itself is fine
}

func TestLogoutEverywhere_Refusals(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	execute := func(p domain.Principal) func() error {
		return func() error {
			_, err := b.UseCases.LogoutEverywhere.Execute(t.Context(), ports.LogoutEverywhereCommand{Principal: p})
			return err
		}
	}
	b.Refused(domain.ErrUnauthenticated, execute(domain.Principal{}))
	b.Refused(domain.ErrUnauthenticated, execute(domain.Operator()))
	require.NoError(t, b.DeleteUser(domain.Operator(), b.User(app.Ada).ID().String()))
	b.Refused(domain.ErrSessionEnded, execute(p))
}
