package application_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (b *bundle) cleanUp() ports.CleanUpResult {
	b.t.Helper()
	result, err := b.CleanUp.Execute(b.t.Context(), ports.CleanUpCommand{})
	require.NoError(b.t, err)
	return result
}

// V-42. One day after they ended, and nothing that could still be used.
func TestCleanUp_RemovesWhatHasBeenOverForADay(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password) // its verification token is used
	loggedOut, idle := b.login(ada, password), b.login(ada, password)
	require.NoError(t, b.logout(loggedOut.AccessToken))
	link := b.resetSecret(ada) // never used
	assert.Equal(t, ports.CleanUpResult{}, b.cleanUp(), "nothing is old enough")

	b.clock.Advance(24*time.Hour + time.Microsecond)
	assert.Equal(t, ports.CleanUpResult{Sessions: 1, Tokens: 1}, b.cleanUp(), "the session that was logged out, the used token")
	b.clock.Advance(time.Hour)
	assert.Equal(t, ports.CleanUpResult{Tokens: 1}, b.cleanUp(), "the token that expired")
	b.refused(domain.ErrInvalidToken, func() error { return b.reset(link, another) })
	b.mustRefresh(idle.RefreshToken)
	b.clock.Advance(8*24*time.Hour + time.Microsecond)
	assert.Equal(t, ports.CleanUpResult{Sessions: 1}, b.cleanUp())
	assert.Equal(t, ports.CleanUpResult{}, b.cleanUp())
	require.NoError(t, b.logout(idle.RefreshToken), "the session is gone, the answer is the same")
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
func cleanUpOf(sessions, tokens, events, limits *batches) ports.UseCase[ports.CleanUpCommand, ports.CleanUpResult] {
	return assembly.UseCases(assembly.Ports{
		Store: ports.Store{Repositories: ports.Repositories{
			Sessions: batchSessions{batches: sessions}, Tokens: batchTokens{batches: tokens}, Audit: batchEvents{batches: events},
		}},
		Limiter: batchLimits{batches: limits},
		Clock:   memory.NewClock(start),
	}, assembly.Settings{AuditRetention: 48 * time.Hour}).CleanUp
}

func TestCleanUp_WorksInSmallBatches(t *testing.T) {
	t.Parallel()
	sessions, tokens, events, limits := &batches{left: 1200}, &batches{left: 1000}, &batches{left: 3}, &batches{left: 500}
	result, err := cleanUpOf(sessions, tokens, events, limits).Execute(t.Context(), ports.CleanUpCommand{})
	require.NoError(t, err)
	assert.Equal(t, ports.CleanUpResult{Sessions: 1200, Tokens: 1000, Events: 3, Limits: 500}, result)
	assert.Equal(t, []int{500, 500, 500}, sessions.limits)
	assert.Equal(t, []int{500, 500, 500}, tokens.limits)
	assert.Equal(t, []int{500}, events.limits)
	assert.Equal(t, start.Add(-48*time.Hour), events.before)
	assert.Equal(t, []int{500, 500}, limits.limits)
}

// A store that fails keeps none of the others from being cleaned, and what it
// removed before stays removed.
func TestCleanUp_OneFailureStopsNothingElse(t *testing.T) {
	t.Parallel()
	for failing, want := range []ports.CleanUpResult{
		{Sessions: 500, Tokens: 600, Events: 600, Limits: 600}, {Sessions: 600, Tokens: 500, Events: 600, Limits: 600},
		{Sessions: 600, Tokens: 600, Events: 500, Limits: 600}, {Sessions: 600, Tokens: 600, Events: 600, Limits: 500},
	} {
		var all []*batches
		for range 4 {
			all = append(all, &batches{left: 600})
		}
		all[failing].fail = errFault
		result, err := cleanUpOf(all[0], all[1], all[2], all[3]).Execute(t.Context(), ports.CleanUpCommand{})
		require.ErrorIs(t, err, errFault)
		assert.Equal(t, want, result)
	}
}

// Events are kept as long as the operator wants, to the microsecond.
func TestCleanUp_RemovesEventsBeyondTheirRetention(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(s *assembly.Settings) { s.AuditRetention = time.Hour })
	b.history(3, domain.UserID{1})
	b.clock.Advance(time.Hour)
	assert.Zero(t, b.cleanUp().Events)
	require.NoError(t, b.register(ada, password))
	b.clock.Advance(time.Microsecond)
	assert.Equal(t, ports.CleanUpResult{Events: 3}, b.cleanUp())
	assert.Len(t, b.events(), 1)
}

// Counts of limits go as soon as they no longer matter.
func TestCleanUp_RemovesCountsOfLimits(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.limit(ports.LimitResetIP, domain.Quota{Events: 1, Per: time.Minute})
	require.NoError(t, b.requestReset(ada))
	assert.Zero(t, b.cleanUp().Limits)
	b.clock.Advance(time.Minute)
	assert.Equal(t, 1, b.cleanUp().Limits)
}
