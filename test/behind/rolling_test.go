package behind

import (
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/gateway"
	"github.com/seed543b3b27/auth-service/test/program"
)

// drain is the SHUTDOWN_DELAY_SECONDS that goes with the shipped configurations.
const drain = 5

// awaitTraffic waits until many more requests were answered, a login among them.
func awaitTraffic(t *testing.T, l *load) {
	t.Helper()
	before, goal := l.logins(), l.total()+200
	program.Eventually(t, "traffic goes on", func() bool { return l.total() >= goal && l.logins() > before })
}

// logins returns how many people signed in.
func (l *load) logins() int {
	answered, _ := l.counts()
	return answered["login"]
}

// Both replicas are replaced, one after the other, while people sign in, ask and
// refresh, and not one request fails. The first goes once more, so that each place is
// left while a new one is beside it. The next goes as soon as the gateway uses the one
// before again: until then it knows of none but the one that goes.
//
//nolint:paralleltest // the machine has to be theirs alone
func TestRollingRestart_FailsNoRequest(t *testing.T) {
	for _, shipped := range gateway.AllShipped() {
		t.Run(shipped.Name, func(t *testing.T) {
			c := startCluster(t, "SHUTDOWN_DELAY_SECONDS", strconv.Itoa(drain))
			l := startLoad(t, shipped.Start(t, c.site("127.0.0.1:1")), 1)
			awaitTraffic(t, l)
			for _, i := range []int{0, 1, 0} {
				c.replicas[i].Stop(t)
				c.start(t, i)
				program.Eventually(t, "the gateway uses it again", func() bool { return c.takesPart(i) })
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

// The traffic does notice what is lost when replicas are killed. More newcomers sign in
// than a replica has cores, so each has some of their requests at any time.
//
//nolint:paralleltest // the machine has to be theirs alone
func TestRollingRestart_NoticesRequestsOfKilledReplicas(t *testing.T) {
	for _, shipped := range gateway.AllShipped() {
		t.Run(shipped.Name, func(t *testing.T) {
			c := startCluster(t, "SHUTDOWN_DELAY_SECONDS", "0")
			l := startLoad(t, shipped.Start(t, c.site("127.0.0.1:1")), 8)
			awaitTraffic(t, l)
			_, failed := l.counts()
			assert.Empty(t, failed, "before any is killed")
			kills := 0
			program.Eventually(t, "a request fails", func() bool {
				i := kills % len(c.replicas)
				c.replicas[i].Signal(t, syscall.SIGKILL)
				c.replicas[i].AwaitExit(t)
				c.start(t, i)
				kills++
				_, failed = l.counts()
				return len(failed) > 0
			})
			l.end()
			answered, failed := l.counts()
			t.Logf("%d killed, answered: %v, failed: %d, such as %s", kills, answered, len(failed), failed[0])
		})
	}
}

// Nothing but the service's own word, after all its time, excuses a login.
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
