package behind

import (
	"os"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/gateway"
	"github.com/seed543b3b27/auth-service/test/program"
)

// drain is the SHUTDOWN_DELAY_SECONDS that goes with the shipped configurations.
const drain = 5

// awaitTraffic waits until as many more requests were answered.
func awaitTraffic(t *testing.T, l *load, requests int) {
	t.Helper()
	goal := l.total() + requests
	program.Eventually(t, "traffic goes on", func() bool { return l.total() >= goal })
}

// Both replicas are replaced, one after the other, while people sign in, ask and
// refresh, and not one request fails. Twice, so that each replica that goes has a
// new one beside it. The next goes as soon as the one before is ready again.
//
//nolint:paralleltest // the machine has to be theirs alone
func TestRollingRestart_FailsNoRequest(t *testing.T) {
	for _, shipped := range gateway.AllShipped() {
		t.Run(shipped.Name, func(t *testing.T) {
			c := startCluster(t, "SHUTDOWN_DELAY_SECONDS", strconv.Itoa(drain))
			l := startLoad(t, shipped.Start(t, c.site("127.0.0.1:1")))
			awaitTraffic(t, l, 500)
			for range 2 {
				for i := range c.replicas {
					c.replicas[i].Stop(t)
					c.start(t, i)
				}
			}
			awaitTraffic(t, l, 500)
			l.end()
			answered, failed := l.counts()
			t.Logf("answered: %v", answered)
			assert.Empty(t, failed, "requests that failed")
			for _, kind := range []string{"login", "refresh", "me"} {
				assert.Positive(t, answered[kind], kind)
			}
			for i := range c.replicas {
				assert.Contains(t, c.replicas[i].Stdout.String()+c.replicas[i].Stderr.String(), `"route":"/api/auth/me"`, "both took part to the end")
			}
		})
	}
}

// The traffic does notice what is lost: replicas that are killed lose requests, and
// so do those that stop at once instead of answering on for a while.
//
//nolint:paralleltest // the machine has to be theirs alone
func TestRollingRestart_NoticesLostRequests(t *testing.T) {
	for name, signal := range map[string]os.Signal{"Killed": syscall.SIGKILL, "WithoutDrain": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			for _, shipped := range gateway.AllShipped() {
				t.Run(shipped.Name, func(t *testing.T) {
					c := startCluster(t, "SHUTDOWN_DELAY_SECONDS", "0")
					l := startLoad(t, shipped.Start(t, c.site("127.0.0.1:1")))
					awaitTraffic(t, l, 500)
					restarts := 0
					program.Eventually(t, "a request fails", func() bool {
						i := restarts % len(c.replicas)
						c.replicas[i].Signal(t, signal)
						c.replicas[i].AwaitExit(t)
						c.start(t, i)
						restarts++
						_, failed := l.counts()
						return len(failed) > 0
					})
					l.end()
					answered, failed := l.counts()
					t.Logf("%d restarts, answered: %v, failed: %d, such as %s", restarts, answered, len(failed), failed[0])
				})
			}
		})
	}
}
