package application_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/application"
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

func TestCleanUp_WorksInSmallBatches(t *testing.T) {
	t.Parallel()
	for _, fail := range []error{nil, errors.New("the store is gone")} {
		sessions, tokens := &batches{left: 1200, fail: fail}, &batches{left: 1000}
		events, limits := &batches{left: 3}, &batches{left: 500}
		uc := application.NewCleanUp(application.Dependencies{
			Stores: ports.Repositories{
				Sessions: batchSessions{batches: sessions}, Tokens: batchTokens{batches: tokens}, Audit: batchEvents{batches: events},
			},
			Limiter:  batchLimits{batches: limits},
			Clock:    memory.NewClock(start),
			Settings: application.Settings{AuditRetention: 48 * time.Hour},
		})
		result, err := uc.Execute(t.Context(), ports.CleanUpCommand{})
		if fail != nil {
			require.ErrorIs(t, err, fail)
			assert.Equal(t, ports.CleanUpResult{Sessions: 500}, result, "what was removed stays removed")
			assert.Empty(t, tokens.limits)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, ports.CleanUpResult{Sessions: 1200, Tokens: 1000, Events: 3, Limits: 500}, result)
		assert.Equal(t, []int{500, 500, 500}, sessions.limits)
		assert.Equal(t, []int{500, 500, 500}, tokens.limits)
		assert.Equal(t, []int{500}, events.limits)
		assert.Equal(t, start.Add(-48*time.Hour), events.before)
		assert.Equal(t, []int{500, 500}, limits.limits)
	}
}
