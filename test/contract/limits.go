package contract

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// RateLimits is one rate limiter that has counted nothing.
type RateLimits struct {
	Limiter ports.RateLimiter
	// Pass lets at least d pass, by the clock that the limiter counts by.
	Pass func(d time.Duration)
}

// RunRateLimiter holds a rate limiter to its contract. fresh makes one with a
// quota for each limit; it is called once per test, from parallel tests, and
// cleans up by t.Cleanup.
func RunRateLimiter(t *testing.T, fresh func(t testing.TB, quotas map[ports.Limit]domain.Quota) RateLimits) {
	t.Helper()
	for _, test := range []struct {
		name string
		// quota is the quota of most limits; register_ip is off.
		quota domain.Quota
		run   func(t *testing.T, l RateLimits)
	}{
		{"AdmitsABurstThenRefuses", perHour(5), limitsBurst},
		{"RefusedEventsAreNotCounted", perSecond(3), limitsRefill},
		{"AQuotaIsWholeAgainAfterItsTime", perSecond(3), limitsWhole},
		{"KeysAreIndependent", perHour(2), limitsKeys},
		{"LimitsAreIndependent", perHour(2), limitsLimits},
		{"SeveralLimitsCountInOrderUntilOneRefuses", perHour(2), limitsInOrder},
		{"AnOptionalRefusalLetsTheOthersCount", perHour(2), limitsOptional},
		{"ConcurrentCallsOverSeveralLimitsStayWithinEach", perHour(10), limitsRaceOverSeveral},
		{"OffAdmitsEverything", perHour(1), limitsOff},
		{"ReportsTheFirstRefusalOfAKeyOnce", perHour(2), limitsFirst},
		{"ReportsAFirstRefusalAgainAfterTheTimeOfTheLimit", perSecond(1), limitsFirstAgain},
		{"ConcurrentCallsGetAtMostTheQuota", perHour(10), limitsRace},
		{"ACancelledContextGetsAVerdictAndCounts", perHour(5), limitsCancelled},
		{"DeleteExpiredKeepsCountsThatMatter", perHour(2), limitsDelete},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			quotas := map[ports.Limit]domain.Quota{}
			for _, limit := range ports.Limits() {
				quotas[limit] = test.quota
			}
			quotas[ports.LimitRegisterIP] = domain.Quota{}
			test.run(t, fresh(t, quotas))
		})
	}
}

func perHour(n int) domain.Quota   { return domain.Quota{Events: n, Per: time.Hour} }
func perSecond(n int) domain.Quota { return domain.Quota{Events: n, Per: time.Second} }

const loginIP = ports.LimitLoginIP

func (l RateLimits) take(t *testing.T, key string) ports.Verdict {
	t.Helper()
	return l.Limiter.Take(t.Context(), ports.Count{Limit: loginIP, Key: key})
}

// drain takes events until one is refused, and returns the number of admitted events.
// A short quota may refill meanwhile, so this may be more than the quota.
func (l RateLimits) drain(t *testing.T, key string) (int, ports.Verdict) {
	t.Helper()
	for admitted := range 100_000 {
		if v := l.take(t, key); v.Refused {
			return admitted, v
		}
	}
	require.Fail(t, "no event was refused")
	return 0, ports.Verdict{}
}

// awhile lets time pass in steps until done, for at most a minute.
func (l RateLimits) awhile(t *testing.T, step time.Duration, done func() bool) {
	t.Helper()
	for range int(math.Ceil(float64(time.Minute) / float64(step))) {
		if done() {
			return
		}
		l.Pass(step)
	}
	require.Fail(t, "not done within a minute")
}

func limitsBurst(t *testing.T, l RateLimits) {
	quota := perHour(5)
	for range quota.Events {
		require.Equal(t, ports.Verdict{}, l.take(t, "key"))
	}
	for range 3 {
		v := l.take(t, "key")
		require.True(t, v.Refused)
		assert.Equal(t, loginIP, v.Limit)
		assert.Equal(t, quota, v.Quota)
		assert.Positive(t, v.RetryAfter)
		assert.LessOrEqual(t, v.RetryAfter, quota.Per/time.Duration(quota.Events), "events come back evenly")
	}
}

// limitsRefill holds that refused attempts do not delay the next admission.
func limitsRefill(t *testing.T, l RateLimits) {
	_, v := l.drain(t, "key")
	for v.Refused {
		again := l.take(t, "key")
		if !again.Refused {
			return // on a slow machine the time is over already
		}
		require.LessOrEqual(t, again.RetryAfter, v.RetryAfter)
		l.Pass(v.RetryAfter)
		v = l.take(t, "key")
	}
}

func limitsWhole(t *testing.T, l RateLimits) {
	quota := perSecond(3)
	l.drain(t, "key")
	l.Pass(quota.Per)
	admitted, _ := l.drain(t, "key")
	assert.GreaterOrEqual(t, admitted, quota.Events)
}

// keys returns keys that an adapter could confuse.
func keys() []string {
	long := strings.Repeat("k", 10_000)
	return []string{
		"", "key", "Key", "key ", "key\x00", "\x00key", "\xff\xfe", "2001:db8::/64", "ada@example.com",
		"ada@example.com\x00192.0.2.1", "login_ip", "'; DROP TABLE users; --", "%s%d", long, long + "k",
	}
}

func limitsKeys(t *testing.T, l RateLimits) {
	for _, key := range keys() {
		admitted, _ := l.drain(t, key)
		assert.Equal(t, 2, admitted, "%.40q", key)
	}
	for _, key := range keys() {
		assert.True(t, l.take(t, key).Refused, "%.40q", key)
	}
}

func limitsLimits(t *testing.T, l RateLimits) {
	for _, limit := range ports.Limits() {
		if limit == ports.LimitRegisterIP {
			continue
		}
		for i := range 3 {
			v := l.Limiter.Take(t.Context(), ports.Count{Limit: limit, Key: "key"})
			assert.Equal(t, i == 2, v.Refused, "%s: %d", limit, i)
			assert.Equal(t, i == 2, v.First, "%s: %d", limit, i)
		}
	}
}

// limitsInOrder holds that limits after the one that refuses do not count.
func limitsInOrder(t *testing.T, l RateLimits) {
	count := func(limit ports.Limit, key string) ports.Count { return ports.Count{Limit: limit, Key: key} }
	l.drain(t, "full")
	v := l.Limiter.Take(t.Context(), count(ports.LimitLoginAccount, "a"), count(ports.LimitRegisterIP, "off"), count(loginIP, "full"), count(ports.LimitTokenIP, "b"))
	assert.True(t, v.Refused)
	assert.Equal(t, loginIP, v.Limit)
	assert.Equal(t, perHour(2), v.Quota)
	assert.False(t, v.First)
	assert.Positive(t, v.RetryAfter)
	left := func(c ports.Count) (n int) {
		for ; !l.Limiter.Take(t.Context(), c).Refused; n++ {
		}
		return n
	}
	assert.Positive(t, left(count(ports.LimitLoginAccount, "a")), "before the refusal")
	assert.Equal(t, 2, left(count(ports.LimitTokenIP, "b")), "after the refusal")
	v = l.Limiter.Take(t.Context(), count(ports.LimitTokenIP, "b"), count(loginIP, "full"))
	assert.Equal(t, ports.LimitTokenIP, v.Limit, "the first that refuses is named")
	assert.Equal(t, ports.Verdict{}, l.Limiter.Take(t.Context()))
}

// limitsOptional holds that what comes before an optional count always counts, also once the
// limiter knows that the optional one is refused.
func limitsOptional(t *testing.T, l RateLimits) {
	mail := ports.Count{Limit: ports.LimitMailRecipient, Key: "full", Optional: true}
	for !l.Limiter.Take(t.Context(), mail).Refused {
	}
	client := ports.Count{Limit: loginIP, Key: "client"}
	for range 2 {
		assert.Equal(t, mail.Limit, l.Limiter.Take(t.Context(), client, mail).Limit)
	}
	assert.Equal(t, loginIP, l.Limiter.Take(t.Context(), client, mail).Limit)
}

// limitsRaceOverSeveral holds that requests that share limits, in whatever order, neither
// exceed them nor wait for each other for ever.
func limitsRaceOverSeveral(t *testing.T, l RateLimits) {
	const together = 100
	counts := []ports.Count{{Limit: loginIP, Key: "ip"}, {Limit: ports.LimitLoginAccount, Key: "account"}, {Limit: ports.LimitTokenIP, Key: "ip"}}
	var verdicts [together]ports.Verdict
	race(together, func(i int) error {
		shift := i % len(counts)
		verdicts[i] = l.Limiter.Take(t.Context(), append(slices.Clone(counts[shift:]), counts[:shift]...)...)
		return nil
	})
	admitted := 0
	for _, v := range &verdicts {
		if !v.Refused {
			admitted++
		}
	}
	assert.LessOrEqual(t, admitted, 10)
	for _, c := range counts {
		for range 11 {
			l.Limiter.Take(t.Context(), c)
		}
		assert.True(t, l.Limiter.Take(t.Context(), c).Refused)
	}
}

func limitsOff(t *testing.T, l RateLimits) {
	for range 200 {
		require.Equal(t, ports.Verdict{}, l.Limiter.Take(t.Context(), ports.Count{Limit: ports.LimitRegisterIP, Key: "key"}))
	}
}

func limitsFirst(t *testing.T, l RateLimits) {
	for _, key := range []string{"one", "two"} {
		_, v := l.drain(t, key)
		assert.True(t, v.First)
		for range 5 {
			v := l.take(t, key)
			require.True(t, v.Refused)
			require.False(t, v.First)
		}
	}
}

func limitsFirstAgain(t *testing.T, l RateLimits) {
	_, v := l.drain(t, "key")
	require.True(t, v.First)
	l.awhile(t, 50*time.Millisecond, func() bool { return l.take(t, "key").First })
}

func limitsRace(t *testing.T, l RateLimits) {
	const together = 100
	var verdicts [together]ports.Verdict
	race(together, func(i int) error {
		verdicts[i] = l.take(t, "key")
		return nil
	})
	admitted, first := 0, 0
	for _, v := range &verdicts {
		if !v.Refused {
			admitted++
			assert.False(t, v.First)
		}
		if v.First {
			first++
		}
	}
	assert.Equal(t, 10, admitted)
	assert.Equal(t, 1, first)
}

// limitsCancelled holds that a client cannot escape a limit by hanging up.
func limitsCancelled(t *testing.T, l RateLimits) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 5 {
		require.False(t, l.Limiter.Take(ctx, ports.Count{Limit: loginIP, Key: "key"}).Refused, fmt.Sprint(i))
	}
	assert.True(t, l.Limiter.Take(ctx, ports.Count{Limit: loginIP, Key: "key"}).Refused)
	assert.True(t, l.take(t, "key").Refused)
}

func limitsDelete(t *testing.T, l RateLimits) {
	l.drain(t, "key")
	for _, most := range []int{1, 1000} {
		_, err := l.Limiter.DeleteExpired(t.Context(), most)
		require.NoError(t, err)
	}
	v := l.take(t, "key")
	assert.True(t, v.Refused)
	assert.False(t, v.First)
}

// RunLiftedLimits holds a rate limiter whose store works to the rest of its contract. fresh
// is as in RunRateLimiter.
func RunLiftedLimits(t *testing.T, fresh func(t testing.TB, quotas map[ports.Limit]domain.Quota) RateLimits) {
	t.Helper()
	quotas := map[ports.Limit]domain.Quota{}
	for _, limit := range ports.Limits() {
		quotas[limit] = perHour(4)
	}
	quotas[ports.LimitRegisterIP] = domain.Quota{}
	for name, run := range map[string]func(t *testing.T, l RateLimits){
		"UsesShowWhatIsLeftAndCountNothing":    limitsUses,
		"LiftMakesQuotasWholeAndNoOthers":      limitsLift,
		"LiftOfWhatWasNeverUsedChangesNothing": limitsLiftUnused,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, fresh(t, quotas))
		})
	}
}

// use returns the use of a key of the limit of the suite.
func (l RateLimits) use(t *testing.T, key string) ports.Use {
	t.Helper()
	uses, err := l.Limiter.Uses(t.Context(), ports.Count{Limit: loginIP, Key: key})
	require.NoError(t, err)
	require.Len(t, uses.Each, 1)
	return uses.Each[0]
}

func limitsUses(t *testing.T, l RateLimits) {
	whole := ports.Use{Quota: perHour(4), Remaining: 4}
	assert.Equal(t, whole, l.use(t, "a"))
	l.take(t, "a")
	for range 2 {
		assert.Equal(t, ports.Use{Quota: perHour(4), Remaining: 3}, l.use(t, "a"))
	}
	for range 4 {
		l.take(t, "a")
	}
	spent := l.use(t, "a")
	assert.Zero(t, spent.Remaining)
	assert.Greater(t, spent.RetryAfter, 10*time.Minute)
	assert.LessOrEqual(t, spent.RetryAfter, 15*time.Minute)
	assert.Equal(t, whole, l.use(t, "b"))
	uses, err := l.Limiter.Uses(t.Context(), ports.Count{Limit: ports.LimitRegisterIP, Key: "a"}, ports.Count{Limit: loginIP, Key: "b"})
	require.NoError(t, err)
	assert.Equal(t, []ports.Use{{}, whole}, uses.Each, "a limit that is off has no use")
}

func limitsLift(t *testing.T, l RateLimits) {
	for _, key := range []string{"a", "b"} {
		for range 5 {
			l.take(t, key)
		}
		require.True(t, l.take(t, key).Refused)
	}
	require.NoError(t, l.Limiter.Lift(t.Context(), ports.Count{Limit: loginIP, Key: "a"}, ports.Count{Limit: ports.LimitRegisterIP, Key: "a"}))
	assert.Equal(t, 4, l.use(t, "a").Remaining)
	for range 4 {
		assert.False(t, l.take(t, "a").Refused)
	}
	again := l.take(t, "a")
	assert.True(t, again.Refused)
	assert.True(t, again.First, "the refusal after the lift is recorded")
	assert.True(t, l.take(t, "b").Refused)
}

func limitsLiftUnused(t *testing.T, l RateLimits) {
	l.take(t, "b")
	require.NoError(t, l.Limiter.Lift(t.Context(), ports.Count{Limit: loginIP, Key: "a"}))
	require.NoError(t, l.Limiter.Lift(t.Context()))
	assert.Equal(t, 4, l.use(t, "a").Remaining)
	assert.Equal(t, 3, l.use(t, "b").Remaining)
}
