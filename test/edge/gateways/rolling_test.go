package gateways

import (
	"net/http"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// drain is the SHUTDOWN_DELAY_SECONDS that goes with the shipped configurations.
const drain = 5

// documentedPause returns how long an operator waits between a replica that is
// ready again and the next one: the promise of docs/gateways.md, and the wait in
// the loop of docs/operations.md.
func documentedPause(t *testing.T) time.Duration {
	t.Helper()
	number := func(path, pattern string) int {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		found := regexp.MustCompile(pattern).FindAllSubmatch(text, -1)
		require.Len(t, found, 1, "%s must have it once: %s", path, pattern)
		seconds, err := strconv.Atoi(string(found[0][1]))
		require.NoError(t, err)
		return seconds
	}
	promised := number("../../../docs/gateways.md", `(\d+) seconds with these files`)
	waited := number("../../../docs/operations.md", `systemctl restart .*; sleep (\d+); done`)
	require.Equal(t, promised, waited, "both documents say the same")
	return time.Duration(promised) * time.Second
}

// awaitTraffic waits until many more requests were answered, a login among them.
func awaitTraffic(t *testing.T, l *load) {
	t.Helper()
	before, goal := l.logins(), l.total()+200
	program.Eventually(t, "traffic goes on", func() bool { return l.total() >= goal && l.logins() > before })
}

// logins returns the number of successful logins.
func (l *load) logins() int {
	answered, _ := l.counts()
	return answered["login"]
}

// replace stops a replica and starts another in its place. Meanwhile the database keeps
// the replica's requests waiting for two seconds. It returns the exit code of the stopped
// replica.
func (c *cluster) replace(t *testing.T, i int) int {
	t.Helper()
	release := c.holdWrites(t)
	c.replicas[i].Signal(t, syscall.SIGTERM)
	<-time.After(2 * time.Second)
	release()
	code := c.replicas[i].AwaitExit(t)
	c.start(t, i)
	return code
}

// Both replicas are replaced, one after the other, while users sign in, read
// their account and refresh. No request fails. The first replica is replaced
// twice, so that each place is replaced while the other has a new replica. The
// next replacement begins when the previous replica has been ready for the
// documented time. By then the gateway must use that replica again, because the
// other one is about to stop.
//
//nolint:paralleltest // it needs the machine for itself
func TestRollingRestart_FailsNoRequest(t *testing.T) {
	pause := documentedPause(t)
	for _, shipped := range gateway.AllShipped() {
		t.Run(shipped.Name, func(t *testing.T) {
			c := startCluster(t, "SHUTDOWN_DELAY_SECONDS", strconv.Itoa(drain))
			l := startLoad(t, shipped.Start(t, c.site("127.0.0.1:1")))
			awaitTraffic(t, l)
			for _, i := range []int{0, 1, 0} {
				assert.Equal(t, 0, c.replace(t, i))
				<-time.After(pause) // a fixed time, because an operator cannot see more
				assert.True(t, c.takesPart(i), "after %s the gateway uses replica %d again", pause, i+1)
			}
			awaitTraffic(t, l)
			l.end()
			answered, failed := l.counts()
			t.Logf("answered: %v; the machine had no time for %d more logins", answered, l.busy)
			assert.Empty(t, failed, "requests that failed")
			for _, kind := range []string{"login", "refresh", "me"} {
				assert.Positive(t, answered[kind], kind)
			}
		})
	}
}

// The control of the test above. The drain is off: there is no delay, and too little time
// for the requests in progress. Requests fail, and the traffic notices.
//
//nolint:paralleltest // it needs the machine for itself
func TestRollingRestart_WithoutDrainFailsRequests(t *testing.T) {
	for _, shipped := range gateway.AllShipped() {
		t.Run(shipped.Name, func(t *testing.T) {
			c := startCluster(t, "SHUTDOWN_DELAY_SECONDS", "0", "SHUTDOWN_TIMEOUT_SECONDS", "1")
			l := startLoad(t, shipped.Start(t, c.site("127.0.0.1:1")))
			awaitTraffic(t, l)
			_, failed := l.counts()
			assert.Empty(t, failed, "before the first replacement")
			// At first, gateways may hold all waiting requests at the other
			// replica.
			replaced := 0
			for ; len(failed) == 0 && replaced < 6; replaced++ {
				c.replace(t, replaced%len(c.replicas))
				_, failed = l.counts()
			}
			l.end()
			answered, _ := l.counts()
			assert.NotEmpty(t, failed, "requests that failed; answered: %v", answered)
			t.Logf("%d replaced, answered: %v, failed: %v", replaced, answered, failed)
		})
	}
}

// Only the service's own answer, after its whole time, excuses a failed login.
func TestLoad_ExcusesLoginsOnABusyMachineOnly(t *testing.T) {
	t.Parallel()
	const body = `{"code":"unavailable"}`
	own := http.Header{"X-Request-Id": {"1"}}
	assert.True(t, tooBusy(answer{http.StatusServiceUnavailable, own, body}, requestTime))
	for name, excused := range map[string]bool{
		"at once, as by a replica that stops": tooBusy(answer{http.StatusServiceUnavailable, own, body}, requestTime-time.Millisecond),
		"by the gateway":                      tooBusy(answer{http.StatusServiceUnavailable, http.Header{}, body}, requestTime),
		"another reason":                      tooBusy(answer{http.StatusServiceUnavailable, own, `{"code":"not_ready"}`}, requestTime),
		"another status":                      tooBusy(answer{http.StatusBadGateway, own, body}, requestTime),
		"no answer":                           tooBusy(answer{}, requestTime),
	} {
		assert.False(t, excused, name)
	}
}
