package signin_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// requireSame demands two answers that are equal byte by byte.
func requireSame(t testing.TB, want, got ports.TokensResult) {
	t.Helper()
	assert.Equal(t, want.AccessToken.Reveal(), got.AccessToken.Reveal())
	assert.Equal(t, want.RefreshToken.Reveal(), got.RefreshToken.Reveal())
	assert.Equal(t, want.SessionID, got.SessionID)
}

func TestRefresh_RotatesWithinTheOneSession(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	for range 20 {
		b.Clock.Advance(time.Hour)
		next := b.MustRefresh(tokens.RefreshToken)
		assert.Equal(t, tokens.SessionID, next.SessionID)
		assert.NotEqual(t, tokens.RefreshToken.Reveal(), next.RefreshToken.Reveal())
		assert.Equal(t, 30*time.Minute, next.ExpiresIn)
		assert.Equal(t, 7*24*time.Hour, next.RefreshExpiresIn)
		b.RequireLive(next)
		tokens = next
	}
	live := b.Live(user)
	require.Len(t, live, 1, "one row, however often it rotates")
	assert.Equal(t, b.Clock.Now(), live[0].LastSeenAt())
}

// A lost answer or a second tab.
func TestRefresh_ReplayWithinTheGraceAnswersTheSameAgain(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.Clock.Advance(time.Hour)
	next := b.MustRefresh(tokens.RefreshToken)
	for range 3 {
		before := b.State()
		requireSame(t, next, b.MustRefresh(tokens.RefreshToken))
		assert.Equal(t, before, b.State())
		b.Clock.Advance(3 * time.Second)
	}
	b.Clock.Advance(time.Second) // exactly the grace interval
	again := b.MustRefresh(tokens.RefreshToken)
	requireSame(t, next, again)
	assert.Equal(t, next.ExpiresIn-10*time.Second, again.ExpiresIn, "counted from now")
	b.MustRefresh(next.RefreshToken)
}

func TestRefresh_TellsWhetherItAnsweredBefore(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	for i, replayed := range []bool{false, true, true} {
		result, err := b.UseCases.Refresh.Execute(t.Context(), ports.RefreshCommand{RefreshToken: tokens.RefreshToken, Origin: b.From})
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
		"without grace":                 {app.NoGrace, 0, 1},
		"two generations old, in grace": {func(*assembly.Settings) {}, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t, test.edit)
			b.Account(app.Ada, app.Password)
			first := b.Login(app.Ada, app.Password)
			bystander := b.Login(app.Ada, app.Password)
			newest := first
			for range test.steps {
				newest = b.MustRefresh(newest.RefreshToken)
			}
			b.Clock.Advance(test.wait)

			mails := b.Mailed(func() {
				_, err := b.Refresh(first.RefreshToken)
				require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
			})
			assert.Equal(t, []string{"session_reused " + app.Ada}, mails)
			b.RequireEnded(newest)
			b.RequireEnded(first)
			assert.Empty(t, b.Mailed(func() {
				b.Refused(domain.ErrSessionEnded, func() error { _, err := b.Refresh(first.RefreshToken); return err })
			}), "a session that is over sends no mail")
			b.RequireLive(bystander)
			stored, _, err := b.Ports.Store.Sessions.WithUser(t.Context(), first.SessionID)
			require.NoError(t, err)
			assert.Equal(t, string(domain.RevokedByReuse), stored.Snapshot().RevokeReason)
		})
	}
}

func TestRefresh_AnIdleSessionExpires(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.Clock.Set(app.Start.Truncate(time.Second).Add(7*24*time.Hour - time.Microsecond))
	next := b.MustRefresh(tokens.RefreshToken)
	b.Clock.Advance(7*24*time.Hour + time.Second)
	b.Refused(domain.ErrTokenExpired, func() error { _, err := b.Refresh(next.RefreshToken); return err })
}

// S-33: however often it is refreshed.
func TestRefresh_NeverExtendsTheAbsoluteLife(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	for day := 1; day < 30; day++ {
		b.Clock.Set(app.Start.Add(time.Duration(day) * 24 * time.Hour))
		tokens = b.MustRefresh(tokens.RefreshToken)
	}
	assert.Equal(t, 24*time.Hour, tokens.RefreshExpiresIn)
	b.Clock.Set(app.Start.Add(30*24*time.Hour - time.Minute))
	tokens = b.MustRefresh(tokens.RefreshToken)
	assert.LessOrEqual(t, tokens.ExpiresIn, time.Minute, "an access token does not outlive its session")
	b.Clock.Set(app.Start.Add(30 * 24 * time.Hour))
	_, err := b.Refresh(tokens.RefreshToken)
	require.ErrorIs(t, err, domain.ErrTokenExpired)
	_, err = b.Authenticate(tokens.AccessToken)
	require.ErrorIs(t, err, domain.ErrTokenExpired)
}

// With leeway a token may outlast its session, but not the other way round.
func TestRefresh_LeewayOfTokensDoesNotProlongTheSession(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.TokenRules.Leeway = time.Minute })
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.Clock.Advance(7 * 24 * time.Hour)
	b.Refused(domain.ErrSessionEnded, func() error { _, err := b.Refresh(tokens.RefreshToken); return err })
}

func TestRefresh_RefusesWhatIsNoRefreshToken(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	text := tokens.RefreshToken.Reveal()
	for _, token := range []domain.Secret{
		{}, app.Secret("junk"), tokens.AccessToken, b.ResetSecret(app.Ada), app.Secret(text + "="), app.Secret(text[1:]), app.Secret(text + "\n"),
	} {
		b.Refused(domain.ErrInvalidRefreshToken, func() error { _, err := b.Refresh(token); return err })
	}
	b.MustRefresh(tokens.RefreshToken)
}

func TestRefresh_RefusesClaimsThatDoNotHold(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	bobsID := b.Account(app.Bob, app.Password).ID()
	good, err := b.Ports.Signer.ParseRefresh(b.Login(app.Ada, app.Password).RefreshToken)
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
		token, err := b.Ports.Signer.SignRefresh(claims)
		require.NoError(t, err)
		b.Refused(domain.ErrInvalidRefreshToken, func() error { _, err := b.Refresh(token); return err })
	}
	claims := good
	claims.SessionID = domain.SessionID{1}
	token, err := b.Ports.Signer.SignRefresh(claims)
	require.NoError(t, err)
	b.Refused(domain.ErrSessionEnded, func() error { _, err := b.Refresh(token); return err })
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
	b := app.New(t, app.NoGrace)
	b.Account(app.Ada, app.Password)
	first := b.Login(app.Ada, app.Password)
	b.MustRefresh(first.RefreshToken)
	work := &meanwhileWork{UnitOfWork: b.Ports.Store.UnitOfWork}
	b.Change(func(p *assembly.Ports) { p.Store.UnitOfWork = work })
	work.before = func() {
		_, err := b.Refresh(first.RefreshToken)
		require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
	}
	mails := b.Mailed(func() {
		_, err := b.Refresh(first.RefreshToken)
		require.ErrorIs(t, err, domain.ErrSessionEnded)
	})
	assert.Equal(t, []string{"session_reused " + app.Ada}, mails)
}
