package failover

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// writers is the number of clients that register users all the time.
const writers = 4

// The primary crashes under load and its standby takes over. The service continues by
// itself, and every acknowledged registration is stored.
func TestCrash_TheServiceFollowsAndNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	c := newCluster(t, straight)
	var (
		mu           sync.Mutex
		acknowledged []string
		stop         = make(chan struct{})
		done         sync.WaitGroup
	)
	count := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(acknowledged)
	}
	for range writers {
		done.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if email, status := c.register(t); status == http.StatusCreated {
					mu.Lock()
					acknowledged = append(acknowledged, email)
					mu.Unlock()
				}
			}
		})
	}
	program.Eventually(t, "some are registered", func() bool { return count() >= 20 })
	require.NoError(t, c.primary.Close()) // by SIGQUIT, which PostgreSQL treats as a crash
	before := count()
	require.NoError(t, c.standby.Promote(t.Context()))
	c.awaitWrites(t, "the promotion")
	program.Eventually(t, "some more are registered", func() bool { return count() >= before+20 })
	close(stop)
	done.Wait()
	assert.Equal(t, http.StatusOK, program.Status(t, c.service.URL+"/readyz"))

	there := stored(t, c.standby)
	for _, email := range acknowledged {
		assert.True(t, there[email], email)
	}
	t.Logf("%d were acknowledged, %d of them before the crash", len(acknowledged), before)
}

// A demoted primary keeps its connections and refuses to write. The service leaves them
// for the new primary at once, not when they expire after five minutes.
func TestDemotion_OpenConnectionsAreLeft(t *testing.T) {
	t.Parallel()
	c := newCluster(t, straight)
	t.Cleanup(func() { require.NoError(t, c.primary.Close()) })
	c.awaitWrites(t, "the start")
	for _, sql := range []string{
		"ALTER SYSTEM SET synchronous_standby_names = ''",
		"ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()",
	} {
		require.NoError(t, c.primary.Exec(t.Context(), sql))
	}
	program.Eventually(t, "writes are refused", func() bool {
		_, status := c.register(t)
		return status == http.StatusServiceUnavailable
	})
	require.NoError(t, c.standby.Promote(t.Context()))
	c.awaitWrites(t, "the promotion")
}

// A hanging primary closes no connection and refuses none.
func TestHang_TheServiceGoesElsewhere(t *testing.T) {
	t.Parallel()
	var way *relay
	c := newCluster(t, func(address string) string {
		way = newRelay(t, address)
		return way.address()
	})
	c.awaitWrites(t, "the start")
	way.freeze()
	require.NoError(t, c.primary.Close())
	require.NoError(t, c.standby.Promote(t.Context()))
	c.awaitWrites(t, "the hang and the promotion")
}
