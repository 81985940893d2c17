package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// F-M7: wrong passwords in a row.
func failureTests() []storeTest {
	return []storeTest{
		{"Failures_CountOneByOneForEachKey", countFailures},
		{"Failures_ReadInTheOrderOfTheKeys", readFailures},
		{"Failures_ALockStopsTheCount", lockFailures},
		{"Failures_AreClearedByKey", clearFailures},
		{"Failures_EndAfterTheirTime", expireFailures},
		{"Failures_AreRemovedInBatchesButForLocks", deleteFailures},
		{"Failures_BelongToTheirUnit", failuresInUnits},
		{"Race_NoFailureIsLostAndOneLocks", raceFailures},
	}
}

// failed returns a wrong password at a time, with a lock of an hour.
func failed(at time.Time) ports.Failure {
	return ports.Failure{At: at, LockedSince: at.Add(-time.Hour), ExpiresAt: at.Add(30 * 24 * time.Hour)}
}

// addressKeys returns the keys of n addresses.
func addressKeys(t testing.TB, n int) []ports.FailureKey {
	t.Helper()
	keys := make([]ports.FailureKey, n)
	for i := range keys {
		keys[i] = ports.FailuresOf(email(t, fmt.Sprintf("user%d@example.com", i)))
	}
	return keys
}

// fail counts a wrong password and returns the count.
func (s store) fail(t testing.TB, key ports.FailureKey, f ports.Failure) int {
	t.Helper()
	count, err := s.Repositories.Failures.Add(t.Context(), key, f)
	require.NoError(t, err)
	return count
}

// failures reads the count of a key.
func (s store) failures(t testing.TB, now time.Time, key ports.FailureKey) domain.Failures {
	t.Helper()
	all, err := s.Repositories.Failures.Read(t.Context(), now, key)
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

func countFailures(t *testing.T, s store) {
	id := newID()
	keys := append(addressKeys(t, 1), ports.FailuresOn(id), ports.FailuresIn(id))
	for count := 1; count <= 3; count++ {
		for _, key := range keys { // a device and a session of one identifier count apart
			assert.Equal(t, count, s.fail(t, key, failed(start)))
			assert.Equal(t, domain.Failures{Count: count}, s.failures(t, start, key))
		}
	}
}

func readFailures(t *testing.T, s store) {
	keys := addressKeys(t, 3)
	s.fail(t, keys[2], failed(start))
	s.fail(t, keys[0], failed(start))
	s.fail(t, keys[0], failed(start))
	all, err := s.Repositories.Failures.Read(t.Context(), start, keys...)
	require.NoError(t, err)
	assert.Equal(t, []domain.Failures{{Count: 2}, {}, {Count: 1}}, all)
	slices.Reverse(keys)
	all, err = s.Repositories.Failures.Read(t.Context(), start, keys...)
	require.NoError(t, err)
	assert.Equal(t, []domain.Failures{{Count: 1}, {}, {Count: 2}}, all)
}

func lockFailures(t *testing.T, s store) {
	key := addressKeys(t, 1)[0]
	require.Error(t, s.Repositories.Failures.Lock(t.Context(), key, start), "there is no count")
	assert.Zero(t, s.failures(t, start, key))
	s.fail(t, key, failed(start))
	s.fail(t, key, failed(start))
	locked := start.Add(time.Minute)
	require.NoError(t, s.Repositories.Failures.Lock(t.Context(), key, locked))
	assert.Equal(t, domain.Failures{Count: 2, LockedAt: locked}, s.failures(t, locked, key))

	for _, at := range []time.Time{locked, locked.Add(time.Hour - time.Microsecond)} {
		assert.Zero(t, s.fail(t, key, failed(at)))
		assert.Equal(t, domain.Failures{Count: 2, LockedAt: locked}, s.failures(t, at, key), "the count stands still")
	}
	endless := failed(locked.Add(20 * 24 * time.Hour))
	endless.LockedSince = time.Unix(0, 0).UTC()
	assert.Zero(t, s.fail(t, key, endless), "a lock may have no end")

	over := locked.Add(time.Hour)
	assert.Equal(t, 3, s.fail(t, key, failed(over)), "the row goes on after the lock")
	assert.Equal(t, domain.Failures{Count: 3}, s.failures(t, over, key))
}

func clearFailures(t *testing.T, s store) {
	keys := addressKeys(t, 3)
	for _, key := range keys {
		s.fail(t, key, failed(start))
		require.NoError(t, s.Repositories.Failures.Lock(t.Context(), key, start))
	}
	require.NoError(t, s.Repositories.Failures.Clear(t.Context(), keys[0], keys[2]))
	require.NoError(t, s.Repositories.Failures.Clear(t.Context(), keys[0]), "there is nothing left to clear")
	all, err := s.Repositories.Failures.Read(t.Context(), start, keys...)
	require.NoError(t, err)
	assert.Equal(t, []domain.Failures{{}, {Count: 1, LockedAt: start}, {}}, all)
	assert.Equal(t, 1, s.fail(t, keys[0], failed(start)), "the row begins anew")
}

func expireFailures(t *testing.T, s store) {
	key := addressKeys(t, 1)[0]
	s.fail(t, key, failed(start))
	assert.Equal(t, 2, s.fail(t, key, failed(start.Add(29*24*time.Hour))), "each wrong password keeps the count longer")
	last := start.Add(59 * 24 * time.Hour)
	assert.Equal(t, 2, s.failures(t, last.Add(-time.Microsecond), key).Count)
	assert.Zero(t, s.failures(t, last, key))
	assert.Equal(t, 1, s.fail(t, key, failed(last)), "the row begins anew, whether or not the old count was removed")
}

func deleteFailures(t *testing.T, s store) {
	keys := addressKeys(t, 6)
	for _, key := range keys[:5] {
		s.fail(t, key, failed(start))
	}
	s.fail(t, keys[5], failed(start.Add(time.Minute)))
	require.NoError(t, s.Repositories.Failures.Lock(t.Context(), keys[4], start.Add(time.Hour)))
	remove := func(now, lockedSince time.Time, limit int) int {
		n, err := s.Repositories.Failures.DeleteExpired(t.Context(), now, lockedSince, limit)
		require.NoError(t, err)
		return n
	}
	over := start.Add(30 * 24 * time.Hour)
	assert.Zero(t, remove(over.Add(-time.Microsecond), start, 10))
	assert.Equal(t, 3, remove(over, start, 3))
	assert.Equal(t, 1, remove(over, start, 3))
	assert.Zero(t, remove(over, start, 3), "a lock that holds is kept")
	assert.Equal(t, start.Add(time.Hour), s.failures(t, over, keys[4]).LockedAt)
	assert.Equal(t, 1, remove(over, start.Add(time.Hour), 3))
	assert.Equal(t, 1, s.failures(t, over, keys[5]).Count)
}

func failuresInUnits(t *testing.T, s store) {
	key := addressKeys(t, 1)[0]
	s.fail(t, key, failed(start))
	rolledBack := errors.New("rolled back")
	err := s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		count, err := r.Failures.Add(ctx, key, failed(start))
		require.NoError(t, err)
		assert.Equal(t, 2, count)
		require.NoError(t, r.Failures.Lock(ctx, key, start))
		all, err := r.Failures.Read(ctx, start, key)
		require.NoError(t, err)
		assert.Equal(t, []domain.Failures{{Count: 2, LockedAt: start}}, all)
		require.NoError(t, r.Failures.Clear(ctx, key))
		return rolledBack
	})
	require.ErrorIs(t, err, rolledBack)
	assert.Equal(t, domain.Failures{Count: 1}, s.failures(t, start, key))
}

// raceFailures holds that concurrent wrong passwords count one after the other: exactly
// one reaches the limit and locks, and only what came before the lock counts.
func raceFailures(t *testing.T, s store) {
	key := addressKeys(t, 1)[0]
	limit := domain.FailureLimit{Failures: 60, Lock: time.Hour}
	counts := make([]int, many)
	errs := race(many, func(i int) error {
		return s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			var err error
			if counts[i], err = r.Failures.Add(ctx, key, failed(start)); err != nil || !limit.Locks(counts[i]) {
				return err
			}
			if err := r.Failures.Lock(ctx, key, start); err != nil {
				return err
			}
			return r.Jobs.Enqueue(ctx, ports.MailJob{Mail: domain.MailLoginLocked, Email: "user0@example.com", AcceptedAt: start, ExpiresAt: start.Add(time.Hour)})
		})
	})
	for _, err := range errs {
		require.NoError(t, err)
	}
	assert.Equal(t, domain.Failures{Count: 60, LockedAt: start}, s.failures(t, start, key))
	slices.Sort(counts)
	want := make([]int, many) // those that came after the lock count nothing
	for i := range 60 {
		want[many-60+i] = i + 1
	}
	assert.Equal(t, want, counts, "each count is given once")
	assert.Len(t, s.Enqueued(t), 1, "one mail for the lock")
}
