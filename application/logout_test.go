package application_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (b *bundle) logoutEverywhere(p domain.Principal) int {
	b.t.Helper()
	result, err := b.LogoutEverywhere.Execute(b.t.Context(), ports.LogoutEverywhereCommand{Principal: p, Origin: b.from})
	require.NoError(b.t, err)
	return result.Revoked
}

// S-32, R-20.
func TestLogout_EndsTheSessionOfEitherToken(t *testing.T) {
	t.Parallel()
	for name, pick := range map[string]func(ports.TokensResult) domain.Secret{
		"access":  func(r ports.TokensResult) domain.Secret { return r.AccessToken },
		"refresh": func(r ports.TokensResult) domain.Secret { return r.RefreshToken },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.account(ada, password)
			tokens, other := b.login(ada, password), b.login(ada, password)
			require.NoError(t, b.logout(pick(tokens)))
			b.requireEnded(tokens)
			b.requireLive(other)
			before := b.state()
			require.NoError(t, b.logout(pick(tokens)), "twice is once")
			assert.Equal(t, before, b.state())
		})
	}
}

// Old tokens of a live session end it, too: whoever logs out means it.
func TestLogout_TakesExpiredAndReplacedTokens(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	first := b.login(ada, password)
	b.clock.Advance(time.Hour)
	newest := b.mustRefresh(first.RefreshToken)
	b.refused(domain.ErrTokenExpired, func() error { _, err := b.authenticate(first.AccessToken); return err })
	require.NoError(t, b.logout(first.AccessToken))
	b.requireEnded(newest)

	second := b.login(ada, password)
	b.clock.Advance(time.Hour)
	newest = b.mustRefresh(second.RefreshToken)
	require.NoError(t, b.logout(second.RefreshToken))
	b.requireEnded(newest)
	b.clock.Advance(60 * 24 * time.Hour)
	require.NoError(t, b.logout(second.RefreshToken), "long over")
	assert.Len(t, b.mails(), 1, "logging out is no reuse")
}

func TestLogout_RefusesForeignTokensOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	claims, err := b.deps.Signer.ParseAccess(tokens.AccessToken)
	require.NoError(t, err)
	claims.Issuer = "other"
	issuer, err := b.deps.Signer.SignAccess(claims)
	require.NoError(t, err)
	refresh, err := b.deps.Signer.ParseRefresh(tokens.RefreshToken)
	require.NoError(t, err)
	foreign, err := memory.NewTokenSigner().SignRefresh(refresh)
	require.NoError(t, err)
	refresh.Audience = nil
	audience, err := b.deps.Signer.SignRefresh(refresh)
	require.NoError(t, err)
	for _, token := range []domain.Secret{
		{}, secret("junk"), issuer, foreign, audience, signedElsewhere(t, b, tokens), secret(tokens.AccessToken.Reveal() + "="),
	} {
		b.refused(domain.ErrUnauthenticated, func() error { return b.logout(token) })
	}
	b.requireLive(tokens)
}

func TestLogoutEverywhere_EndsAllOfTheCallersSessions(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.account(bob, password)
	ended := b.login(ada, password)
	require.NoError(t, b.logout(ended.AccessToken))
	expired := b.login(ada, password)
	b.clock.Advance(8 * 24 * time.Hour)
	bystander := b.login(bob, password)
	one, two := b.login(ada, password), b.login(ada, password)
	assert.Equal(t, 2, b.logoutEverywhere(b.principal(one)), "those that were live, the caller's included")
	b.requireEnded(one)
	b.requireEnded(two)
	_, err := b.refresh(expired.RefreshToken)
	require.Error(t, err)
	b.requireLive(bystander)
	b.requireLive(b.login(ada, password)) // the account itself is fine
}

func TestLogoutEverywhere_Refusals(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	execute := func(p domain.Principal) func() error {
		return func() error {
			_, err := b.LogoutEverywhere.Execute(t.Context(), ports.LogoutEverywhereCommand{Principal: p})
			return err
		}
	}
	b.refused(domain.ErrUnauthenticated, execute(domain.Principal{}))
	b.refused(domain.ErrUnauthenticated, execute(domain.Operator()))
	require.NoError(t, b.deleteUser(domain.Operator(), b.user(ada).ID().String()))
	b.refused(domain.ErrSessionEnded, execute(p))
}
