package ratelimit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// quick makes a limiter look for lifted limits at once.
func quick(l *Limiter) *Limiter {
	l.refusing.every = time.Millisecond
	return l
}

// S-12, S-13: what one replica lifts, every other admits, although it remembers the refusal.
func TestLift_ReachesTheMemoryOfEveryReplica(t *testing.T) {
	t.Parallel()
	onShared(t, func(t *testing.T, replica func() Store) {
		quota := domain.Quota{Events: 2, Per: time.Hour}
		a := quick(newLimiter(t, Options{Quotas: quotasOf(quota), Store: replica(), Timeout: patient}))
		b := newLimiter(t, Options{Quotas: quotasOf(quota), Store: replica(), Timeout: patient})
		event := ports.Count{Limit: ports.LimitLoginAccount, Key: "ada@example.com"}
		for round := range 3 {
			assert.Eventually(t, func() bool { return a.Take(t.Context(), event).Refused }, patient, time.Millisecond, "the quota is used up")
			require.NoError(t, b.Lift(t.Context(), event))
			assert.Eventually(t, func() bool { return !a.Take(t.Context(), event).Refused }, patient, time.Millisecond, "round %d", round)
		}
	})
}

// A replica that looks for lifted limits asks the store in the background only, and stops
// once it remembers no refusal.
func TestLift_NoReplicaLooksWithoutARefusal(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(t)
	l := quick(newLimiter(t, Options{Quotas: quotasOf(domain.Quota{Events: 1000, Per: time.Second}), Store: store}))
	event := ports.Count{Limit: ports.LimitLoginAccount, Key: "ada@example.com"}
	require.False(t, l.Take(t.Context(), event).Refused)
	assert.False(t, l.refusing.looking)
	l.refusing.add("key", time.Now().Add(10*time.Millisecond), 0)
	assert.Eventually(t, func() bool {
		l.refusing.mu.Lock()
		defer l.refusing.mu.Unlock()
		return !l.refusing.looking
	}, patient, time.Millisecond)
}

// A refusal that the store gave before a lift is not remembered after it.
func TestLift_OutrunsAnOlderRefusal(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Options{Quotas: quotasOf(domain.Quota{Events: 1, Per: time.Hour}), Store: newFaultyStore(t)})
	asked := l.refusing.times()
	l.refusing.forget()
	l.refusing.add("key", time.Now().Add(time.Hour), asked)
	assert.Zero(t, l.refusing.until("key"))
}

func TestLift_AFailedStoreIsUnavailable(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(t)
	l := newLimiter(t, Options{Quotas: quotasOf(domain.Quota{Events: 1, Per: time.Hour}), Store: store})
	store.broken.Store(true)
	event := ports.Count{Limit: ports.LimitLoginAccount, Key: "ada@example.com"}
	require.ErrorIs(t, l.Lift(t.Context(), event), domain.ErrUnavailable)
	_, err := l.Uses(t.Context(), event)
	require.ErrorIs(t, err, domain.ErrUnavailable)
}
