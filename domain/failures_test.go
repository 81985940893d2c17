package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// F-M7: the first lock comes at the limit, the next after every ten more.
func TestFailureLimit_LocksAtTheLimitAndAfterEveryTenMore(t *testing.T) {
	t.Parallel()
	for limit, want := range map[domain.FailureLimit][]int{
		{Failures: 100, Lock: time.Hour}: {100, 110, 120, 130},
		{Failures: 100}:                  {100, 110, 120, 130},
		{Failures: 12, Lock: time.Hour}:  {12, 22, 32, 42, 52, 62, 72, 82, 92, 102, 112, 122, 132},
		{Failures: 60, Lock: time.Hour}:  {60, 70, 80, 90, 100, 110, 120, 130},
		{}:                               nil,
	} {
		var locks []int
		for count := range 139 {
			if limit.Locks(count) {
				locks = append(locks, count)
			}
		}
		assert.Equal(t, want, locks, limit)
	}
	small := domain.FailureLimit{Failures: 3, Lock: time.Hour}
	assert.True(t, small.Locks(3) && small.Locks(6) && !small.Locks(5), "a smaller limit than ten counts again as many")
}

// F-M7: a lock ends by itself, unless the operator wants it to last.
func TestFailureLimit_RefusesWhileALockHolds(t *testing.T) {
	t.Parallel()
	day := domain.FailureLimit{Failures: 100, Lock: 24 * time.Hour}
	endless := domain.FailureLimit{Failures: 100}
	locked := domain.Failures{Count: 100, LockedAt: start}
	for name, test := range map[string]struct {
		limit domain.FailureLimit
		f     domain.Failures
		now   time.Time
		left  time.Duration
	}{
		"at once":                     {day, locked, start, 24 * time.Hour},
		"the last moment":             {day, locked, start.Add(24*time.Hour - time.Microsecond), time.Microsecond},
		"after its time":              {day, locked, start.Add(24 * time.Hour), 0},
		"never locked":                {day, domain.Failures{Count: 99}, start, 0},
		"another replica's clock":     {day, locked, start.Add(-time.Minute), 24*time.Hour + time.Minute},
		"without an end":              {endless, locked, start.Add(1000 * 24 * time.Hour), 24 * time.Hour},
		"never locked without an end": {endless, domain.Failures{Count: 99}, start, 0},
		"off":                         {domain.FailureLimit{}, locked, start, 0},
		"shortened by the operator":   {domain.FailureLimit{Failures: 100, Lock: time.Hour}, locked, start.Add(time.Hour), 0},
		"given an end by the operator": {
			day, domain.Failures{Count: 100, LockedAt: start.Add(-25 * time.Hour)}, start, 0,
		},
	} {
		err := test.limit.Check(test.f, test.now)
		if test.left == 0 {
			require.NoError(t, err, name)
			continue
		}
		var refusal *domain.Error
		require.ErrorAs(t, err, &refusal, name)
		require.ErrorIs(t, err, domain.ErrRateLimited)
		assert.Equal(t, test.left, refusal.RetryAfter, name)
		assert.Equal(t, &domain.Exceeded{Limit: "login_failures", Quota: domain.Quota{Events: 100, Per: test.limit.Lock}}, refusal.Exceeded)
		assert.Contains(t, refusal.Detail, "reset the password")
	}
}

func TestFailureLimit_HasTheBoundsOfAQuota(t *testing.T) {
	t.Parallel()
	for limit, want := range map[domain.FailureLimit]bool{
		{}:                                    true,
		{Failures: 1, Lock: time.Second}:      true,
		{Failures: 100}:                       true,
		{Failures: 1_000_000, Lock: 7 * day}:  true,
		{Failures: 1_000_001, Lock: 7 * day}:  false,
		{Failures: 1, Lock: 7*day + 1}:        false,
		{Failures: 1, Lock: time.Millisecond}: false,
		{Failures: -1}:                        false,
		{Lock: time.Hour}:                     false,
		{Failures: 1, Lock: -time.Second}:     false,
	} {
		assert.Equal(t, want, limit.IsValid(), limit)
	}
	assert.True(t, domain.FailureLimit{}.IsOff())
	assert.False(t, domain.FailureLimit{Failures: 100}.IsOff())
}
