package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// freezer makes a PostgreSQL server hang: it neither answers nor refuses.
type freezer struct {
	server *postgrestest.Server
	// postmaster is the process that all others of the server are children of.
	postmaster int
}

func newFreezer(t *testing.T) *freezer {
	t.Helper()
	server, err := postgrestest.Start(t.Context())
	require.NoError(t, err)
	f := &freezer{server: server}
	conn, err := pgx.Connect(t.Context(), server.URL())
	require.NoError(t, err)
	var file string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT pg_read_file('postmaster.pid')").Scan(&file))
	require.NoError(t, conn.Close(t.Context()))
	first, _, _ := strings.Cut(file, "\n")
	f.postmaster, err = strconv.Atoi(first)
	require.NoError(t, err)
	t.Cleanup(func() {
		f.thaw(t)
		_ = server.Close()
	})
	return f
}

// freeze stops the server and the processes of its connections. A signal takes
// effect when its process next runs, so a new connection may come in between.
// freeze is done when it finds every process stopped.
func (f *freezer) freeze(t *testing.T) {
	t.Helper()
	program.Eventually(t, "the database is frozen", func() bool {
		all := stopped(f.postmaster)
		for _, child := range f.children(t) {
			all = stopped(child) && all
		}
		return all
	})
}

// thaw continues all processes, the one that accepts connections last.
func (f *freezer) thaw(t *testing.T) {
	t.Helper()
	for _, pid := range append(f.children(t), f.postmaster) {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
}

// children returns the processes of the server's connections; empty if the server
// is gone.
func (f *freezer) children(t *testing.T) (pids []int) {
	t.Helper()
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", f.postmaster, f.postmaster))
	if err != nil {
		return nil
	}
	for child := range strings.FieldsSeq(string(list)) {
		pid, err := strconv.Atoi(child)
		require.NoError(t, err)
		pids = append(pids, pid)
	}
	return pids
}

// stopped stops a process and reports whether it was already stopped or has
// ended: proc(5).
func stopped(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	if strings.HasPrefix(state, "T") || strings.HasPrefix(state, "Z") {
		return true
	}
	_ = syscall.Kill(pid, syscall.SIGSTOP) // it may have ended meanwhile
	return false
}

// replica starts the service on the server and waits until it is ready.
func (f *freezer) replica(t *testing.T, pairs ...string) *program.Process {
	t.Helper()
	folder := t.TempDir()
	env := production(f.server.URL(), nowhere(t)).With(pairs...)
	program.MustRun(t, folder, env, "", "migrate", "up")
	p := program.Start(t, folder, env)
	p.AwaitReady(t)
	return p
}

// prober asks whether a process is ready, as an orchestrator does but without
// pauses, and counts the answers.
type prober struct {
	mu       sync.Mutex
	statuses map[int]int
}

func probe(t *testing.T, p *program.Process) (pr *prober, stop func() map[int]int) {
	t.Helper()
	pr = &prober{statuses: map[int]int{}}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			status := program.Status(t, p.URL+"/readyz")
			pr.mu.Lock()
			pr.statuses[status]++
			pr.mu.Unlock()
			time.Sleep(5 * time.Millisecond) // between two probes
		}
	})
	stop = func() map[int]int { cancel(); done.Wait(); return pr.statuses }
	t.Cleanup(func() { stop() })
	return pr, stop
}

// blip freezes the database until one check of it has failed.
func (f *freezer) blip(t *testing.T, p *program.Process) {
	t.Helper()
	f.freeze(t)
	program.Eventually(t, "one check of the database failed", func() bool {
		return strings.Contains(p.Stderr.String(), `"a check of the database failed","failures":1,`)
	})
	f.thaw(t)
	program.Eventually(t, "the database answers again", func() bool {
		return strings.Contains(p.Stderr.String(), "the database answers checks again")
	})
}

// one blip of the database does not empty the Service: all replicas would
// be taken out at once.
func TestReadiness_ABlipOfTheDatabaseIsForgiven(t *testing.T) {
	t.Parallel()
	f := newFreezer(t)
	p := f.replica(t)
	_, stop := probe(t, p)
	f.blip(t, p)
	statuses := stop()
	assert.Positive(t, statuses[http.StatusOK])
	assert.Len(t, statuses, 1, "every probe was answered 200: %v", statuses)
	p.Stop(t)
}

// The negative control of the test above: where one failure counts, a failure shows
// at once, and stays until a probe has seen it.
func TestReadiness_ABlipShowsWhereOneFailureCounts(t *testing.T) {
	t.Parallel()
	f := newFreezer(t)
	p := f.replica(t, "READINESS_DATABASE_FAILURES", "1")
	f.freeze(t)
	notReadyWithin(t, p, 30*time.Second)
	assert.Contains(t, p.Stderr.String(), `"failures":1,"not_ready_at":1`)
	f.thaw(t)
	p.AwaitReady(t)
	p.Stop(t)
}

// notReadyWithin waits until the process answers that it is not ready.
func notReadyWithin(t *testing.T, p *program.Process, d time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(d); ; time.Sleep(10 * time.Millisecond) {
		status := program.Status(t, p.URL+"/readyz")
		if status == http.StatusServiceUnavailable {
			return
		}
		require.Equal(t, http.StatusOK, status)
		require.False(t, time.Now().After(deadline), "the database has been gone for %s, and /readyz still answers 200", d)
	}
}

// a database that hangs or refuses is noticed within ten seconds. The
// process stays alive, and is ready again once the database is.
func TestReadiness_ReportsALostDatabaseWithinTenSeconds(t *testing.T) {
	t.Parallel()
	const promised = 10 * time.Second
	f := newFreezer(t)
	processes := []*program.Process{f.replica(t), f.replica(t, "READINESS_DATABASE_FAILURES", "10")}
	f.freeze(t)
	var all sync.WaitGroup
	for _, p := range processes {
		all.Go(func() { notReadyWithin(t, p, promised) })
	}
	all.Wait()
	tg := targetOf(t, production(f.server.URL(), nowhere(t)), processes...)
	for i := range processes {
		c := tg.client(t).on(i)
		assert.JSONEq(t, `{"status":"unavailable","checks":{"database":"failed","keys":"ok","schema":"ok"}}`,
			string(c.page("/readyz").Is(http.StatusServiceUnavailable).Body))
		c.page("/healthz").Is(http.StatusOK)
	}
	f.thaw(t)
	for i, p := range processes {
		p.AwaitReady(t)
		assert.JSONEq(t, `{"status":"ready","checks":{"database":"ok","keys":"ok","schema":"ok"}}`,
			string(tg.client(t).on(i).page("/readyz").Is(http.StatusOK).Body))
	}
	require.NoError(t, f.server.Close())
	for _, p := range processes {
		all.Go(func() { notReadyWithin(t, p, promised) })
	}
	all.Wait()
	for _, p := range processes {
		p.Stop(t)
	}
}

// F-A24: a database that cannot store every character never becomes ready, and the log
// says why.
func TestServe_IsNotReadyOnADatabaseOfAnotherEncoding(t *testing.T) {
	t.Parallel()
	env, folder := production(postgrestest.NewDatabaseEncoded(t, "LATIN1"), nowhere(t)), t.TempDir()
	up := program.Run(t, folder, env, "", "migrate", "up")
	assert.Equal(t, 1, up.Code)
	assert.Contains(t, up.Stderr, "the database must have the encoding UTF8, and has LATIN1")
	p := program.Start(t, folder, env)
	p.AwaitListening(t)
	c := targetOf(t, env, p).client(t)
	program.Eventually(t, "the log names the encoding", func() bool { return strings.Contains(p.Stderr.String(), "has LATIN1") })
	c.page("/readyz").Is(http.StatusServiceUnavailable)
	p.Stop(t)
}
