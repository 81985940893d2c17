package application_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// mustRefresh refreshes.
func (b *bundle) mustRefresh(token domain.Secret) ports.TokensResult {
	b.t.Helper()
	tokens, err := b.refresh(token)
	require.NoError(b.t, err)
	return tokens
}

// requireSame demands two answers that are equal byte by byte.
func requireSame(t testing.TB, want, got ports.TokensResult) {
	t.Helper()
	assert.Equal(t, want.AccessToken.Reveal(), got.AccessToken.Reveal())
	assert.Equal(t, want.RefreshToken.Reveal(), got.RefreshToken.Reveal())
	assert.Equal(t, want.SessionID, got.SessionID)
}

func TestRefresh_RotatesWithinTheOneSession(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	user := b.account(ada, password)
	tokens := b.login(ada, password)
	for range 20 {
		b.clock.Advance(time.Hour)
		next := b.mustRefresh(tokens.RefreshToken)
		assert.Equal(t, tokens.SessionID, next.SessionID)
		assert.NotEqual(t, tokens.RefreshToken.Reveal(), next.RefreshToken.Reveal())
		assert.Equal(t, 30*time.Minute, next.ExpiresIn)
		assert.Equal(t, 7*24*time.Hour, next.RefreshExpiresIn)
		b.requireLive(next)
		tokens = next
	}
	live := b.live(user)
	require.Len(t, live, 1, "one row, however often it rotates")
	assert.Equal(t, b.clock.Now(), live[0].LastSeenAt())
}

// A lost answer or a second tab.
func TestRefresh_ReplayWithinTheGraceAnswersTheSameAgain(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	b.clock.Advance(time.Hour)
	next := b.mustRefresh(tokens.RefreshToken)
	for range 3 {
		before := b.state()
		requireSame(t, next, b.mustRefresh(tokens.RefreshToken))
		assert.Equal(t, before, b.state())
		b.clock.Advance(3 * time.Second)
	}
	b.clock.Advance(time.Second) // exactly the grace interval
	again := b.mustRefresh(tokens.RefreshToken)
	requireSame(t, next, again)
	assert.Equal(t, next.ExpiresIn-10*time.Second, again.ExpiresIn, "counted from now")
	b.mustRefresh(next.RefreshToken)
}

func TestRefresh_TellsWhetherItAnsweredBefore(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	for i, replayed := range []bool{false, true, true} {
		result, err := b.Refresh.Execute(t.Context(), ports.RefreshCommand{RefreshToken: tokens.RefreshToken, Origin: b.from})
		require.NoError(t, err)
		assert.Equal(t, replayed, result.Replayed, i)
	}
}

// S-31, V-04: the revocation survives its refusal.
func TestRefresh_ReuseRevokesTheSessionAndTellsItsOwnerOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit  func(*assembly.Settings)
		wait  time.Duration
		steps int
	}{
		"after the grace":               {func(*assembly.Settings) {}, 10*time.Second + time.Microsecond, 1},
		"without grace":                 {noGrace, 0, 1},
		"two generations old, in grace": {func(*assembly.Settings) {}, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t, test.edit)
			b.account(ada, password)
			first := b.login(ada, password)
			bystander := b.login(ada, password)
			newest := first
			for range test.steps {
				newest = b.mustRefresh(newest.RefreshToken)
			}
			b.clock.Advance(test.wait)

			mails := b.mailed(func() {
				_, err := b.refresh(first.RefreshToken)
				require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
			})
			assert.Equal(t, []string{"session_reused " + ada}, mails)
			b.requireEnded(newest)
			b.requireEnded(first)
			assert.Empty(t, b.mailed(func() {
				b.refused(domain.ErrSessionEnded, func() error { _, err := b.refresh(first.RefreshToken); return err })
			}), "a session that is over mails nobody")
			b.requireLive(bystander)
			stored, _, err := b.deps.Store.Sessions.WithUser(t.Context(), first.SessionID)
			require.NoError(t, err)
			assert.Equal(t, string(domain.RevokedByReuse), stored.Snapshot().RevokeReason)
		})
	}
}

func TestRefresh_AnIdleSessionExpires(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	b.clock.Set(start.Truncate(time.Second).Add(7*24*time.Hour - time.Microsecond))
	next := b.mustRefresh(tokens.RefreshToken)
	b.clock.Advance(7*24*time.Hour + time.Second)
	b.refused(domain.ErrTokenExpired, func() error { _, err := b.refresh(next.RefreshToken); return err })
}

// S-33: however often it is refreshed.
func TestRefresh_NeverExtendsTheAbsoluteLife(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	for day := 1; day < 30; day++ {
		b.clock.Set(start.Add(time.Duration(day) * 24 * time.Hour))
		tokens = b.mustRefresh(tokens.RefreshToken)
	}
	assert.Equal(t, 24*time.Hour, tokens.RefreshExpiresIn)
	b.clock.Set(start.Add(30*24*time.Hour - time.Minute))
	tokens = b.mustRefresh(tokens.RefreshToken)
	assert.LessOrEqual(t, tokens.ExpiresIn, time.Minute, "an access token does not outlive its session")
	b.clock.Set(start.Add(30 * 24 * time.Hour))
	_, err := b.refresh(tokens.RefreshToken)
	require.ErrorIs(t, err, domain.ErrTokenExpired)
	_, err = b.authenticate(tokens.AccessToken)
	require.ErrorIs(t, err, domain.ErrTokenExpired)
}

// With leeway a token may outlast its session, but not the other way round.
func TestRefresh_LeewayOfTokensDoesNotProlongTheSession(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(s *assembly.Settings) { s.TokenRules.Leeway = time.Minute })
	b.account(ada, password)
	tokens := b.login(ada, password)
	b.clock.Advance(7 * 24 * time.Hour)
	b.refused(domain.ErrSessionEnded, func() error { _, err := b.refresh(tokens.RefreshToken); return err })
}

func TestRefresh_RefusesWhatIsNoRefreshToken(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	text := tokens.RefreshToken.Reveal()
	for _, token := range []domain.Secret{
		{}, secret("junk"), tokens.AccessToken, b.resetSecret(ada), secret(text + "="), secret(text[1:]), secret(text + "\n"),
	} {
		b.refused(domain.ErrInvalidRefreshToken, func() error { _, err := b.refresh(token); return err })
	}
	b.mustRefresh(tokens.RefreshToken)
}

func TestRefresh_RefusesClaimsThatDoNotHold(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	bobsID := b.account(bob, password).ID()
	good, err := b.deps.Signer.ParseRefresh(b.login(ada, password).RefreshToken)
	require.NoError(t, err)
	for _, edit := range []func(c *domain.RefreshClaims){
		func(c *domain.RefreshClaims) { c.Subject = bobsID },
		func(c *domain.RefreshClaims) { c.Generation = 0 },
		func(c *domain.RefreshClaims) { c.Generation = 2 }, // never issued
		func(c *domain.RefreshClaims) { c.Audience = []string{"other"} },
		func(c *domain.RefreshClaims) { c.Issuer = "" },
	} {
		claims := good
		edit(&claims)
		token, err := b.deps.Signer.SignRefresh(claims)
		require.NoError(t, err)
		b.refused(domain.ErrInvalidRefreshToken, func() error { _, err := b.refresh(token); return err })
	}
	claims := good
	claims.SessionID = domain.SessionID{1}
	token, err := b.deps.Signer.SignRefresh(claims)
	require.NoError(t, err)
	b.refused(domain.ErrSessionEnded, func() error { _, err := b.refresh(token); return err })
}

// meanwhileWork runs something once before a unit of work begins.
type meanwhileWork struct {
	ports.UnitOfWork
	before func()
}

func (w *meanwhileWork) Do(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	if before := w.before; before != nil {
		w.before = nil
		before()
	}
	return w.UnitOfWork.Do(ctx, fn)
}

// Two find out at the same moment: one ends the session, one mail goes out.
func TestRefresh_AReuseFoundTwiceIsToldOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t, noGrace)
	b.account(ada, password)
	first := b.login(ada, password)
	b.mustRefresh(first.RefreshToken)
	work := &meanwhileWork{UnitOfWork: b.deps.Store.UnitOfWork}
	b.deps.Store.UnitOfWork = work
	b.UseCases = assembly.UseCases(b.deps, b.settings)
	work.before = func() {
		_, err := b.refresh(first.RefreshToken)
		require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
	}
	mails := b.mailed(func() {
		_, err := b.refresh(first.RefreshToken)
		require.ErrorIs(t, err, domain.ErrSessionEnded)
	})
	assert.Equal(t, []string{"session_reused " + ada}, mails)
}
