package upkeep_test

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

func cleanUp(b *app.Bundle) ports.CleanUpResult {
	b.Helper()
	result, err := b.UseCases.CleanUp.Execute(b.Context(), ports.CleanUpCommand{})
	require.NoError(b, err)
	return result
}

// V-42. One day after they ended, and nothing that could still be used.
func TestCleanUp_RemovesSessionsAndTokensADayAfterTheirEnd(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password) // its verification token is used
	loggedOut, idle := b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)
	require.NoError(t, b.Logout(loggedOut.AccessToken))
	link := b.ResetSecret(app.Ada) // never used
	assert.Equal(t, ports.CleanUpResult{}, cleanUp(b), "nothing is old enough")

	b.Clock.Advance(24*time.Hour + time.Microsecond)
	assert.Equal(t, ports.CleanUpResult{Sessions: 1, Tokens: 1}, cleanUp(b), "the session that was logged out, the used token")
	b.Clock.Advance(time.Hour)
	assert.Equal(t, ports.CleanUpResult{Tokens: 1}, cleanUp(b), "the token that expired")
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(link, app.Another) })
	b.MustRefresh(idle.RefreshToken)
	b.Clock.Advance(8*24*time.Hour + time.Microsecond)
	assert.Equal(t, ports.CleanUpResult{Sessions: 1}, cleanUp(b))
	assert.Equal(t, ports.CleanUpResult{}, cleanUp(b))
	require.NoError(t, b.Logout(idle.RefreshToken), "the session is gone, the answer is the same")
}

// batches hands out n ended rows in batches and fails when told to.
type batches struct {
	left   int
	limits []int
	fail   error
	// before is what was asked for last.
	before time.Time
}

func (s *batches) remove(_ context.Context, before time.Time, limit int) (int, error) {
	s.before = before
	s.limits = append(s.limits, limit)
	if s.fail != nil && len(s.limits) > 1 {
		return 0, s.fail
	}
	n := min(limit, s.left)
	s.left -= n
	return n, nil
}

type batchSessions struct {
	ports.SessionRepository
	*batches
}

func (s batchSessions) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.remove(ctx, t, limit)
}

type batchTokens struct {
	ports.TokenRepository
	*batches
}

func (s batchTokens) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.remove(ctx, t, limit)
}

type batchEvents struct {
	ports.AuditLog
	*batches
}

func (s batchEvents) DeleteBefore(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.remove(ctx, t, limit)
}

type batchLimits struct {
	ports.RateLimiter
	*batches
}

func (s batchLimits) DeleteExpired(ctx context.Context, limit int) (int, error) {
	return s.remove(ctx, time.Time{}, limit)
}

// cleanUpOf returns a use case over four kinds of rows.
func cleanUpOf(t testing.TB, sessions, tokens, events, limits *batches) ports.UseCase[ports.CleanUpCommand, ports.CleanUpResult] {
	t.Helper()
	b := app.New(t, func(s *assembly.Settings) { s.AuditRetention = 48 * time.Hour })
	return b.With(func(p *assembly.Ports) {
		p.Store = ports.Store{Repositories: ports.Repositories{
			Sessions: batchSessions{batches: sessions}, Tokens: batchTokens{batches: tokens}, Audit: batchEvents{batches: events},
		}}
		p.Limiter = batchLimits{batches: limits}
	}).CleanUp
}

func TestCleanUp_WorksInSmallBatches(t *testing.T) {
	t.Parallel()
	sessions, tokens, events, limits := &batches{left: 1200}, &batches{left: 1000}, &batches{left: 3}, &batches{left: 500}
	result, err := cleanUpOf(t, sessions, tokens, events, limits).Execute(t.Context(), ports.CleanUpCommand{})
	require.NoError(t, err)
	assert.Equal(t, ports.CleanUpResult{Sessions: 1200, Tokens: 1000, Events: 3, Limits: 500}, result)
	assert.Equal(t, []int{500, 500, 500}, sessions.limits)
	assert.Equal(t, []int{500, 500, 500}, tokens.limits)
	assert.Equal(t, []int{500}, events.limits)
	assert.Equal(t, app.Start.Add(-48*time.Hour), events.before)
	assert.Equal(t, []int{500, 500}, limits.limits)
}

// A store that fails does not keep the others from being cleaned, and what it
// removed before stays removed.
func TestCleanUp_GoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	for failing, want := range []ports.CleanUpResult{
		{Sessions: 500, Tokens: 600, Events: 600, Limits: 600}, {Sessions: 600, Tokens: 500, Events: 600, Limits: 600},
		{Sessions: 600, Tokens: 600, Events: 500, Limits: 600}, {Sessions: 600, Tokens: 600, Events: 600, Limits: 500},
	} {
		var all []*batches
		for range 4 {
			all = append(all, &batches{left: 600})
		}
		all[failing].fail = app.ErrFault
		result, err := cleanUpOf(t, all[0], all[1], all[2], all[3]).Execute(t.Context(), ports.CleanUpCommand{})
		require.ErrorIs(t, err, app.ErrFault)
		assert.Equal(t, want, result)
	}
}

// Events are kept as long as the operator wants, to the microsecond.
func TestCleanUp_RemovesEventsBeyondTheirRetention(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.AuditRetention = time.Hour })
	b.History(3, domain.UserID{1})
	b.Clock.Advance(time.Hour)
	assert.Zero(t, cleanUp(b).Events)
	require.NoError(t, b.Register(app.Ada, app.Password))
	b.Clock.Advance(time.Microsecond)
	assert.Equal(t, ports.CleanUpResult{Events: 3}, cleanUp(b))
	assert.Len(t, b.Events(), 1)
}

// Counts of limits go as soon as they no longer matter.
func TestCleanUp_RemovesCountsOfLimits(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Limit(ports.LimitResetIP, domain.Quota{Events: 1, Per: time.Minute})
	require.NoError(t, b.RequestReset(app.Ada))
	assert.Zero(t, cleanUp(b).Limits)
	b.Clock.Advance(time.Minute)
	assert.Equal(t, 1, cleanUp(b).Limits)
}
