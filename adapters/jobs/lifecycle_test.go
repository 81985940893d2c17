package jobs

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestStop_WaitsForTheRunningJob(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			running, finish := make(chan struct{}), make(chan struct{})
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(1)))
			b.start(t, func(context.Context, ports.MailJob) error {
				close(running)
				<-finish
				return nil
			})
			<-running
			stopped := make(chan error, 1)
			go func() { stopped <- b.Stop(context.Background()) }()
			select {
			case err := <-stopped:
				require.Fail(t, "stopped under a running job", err)
			case <-time.After(50 * time.Millisecond):
			}
			close(finish)
			require.NoError(t, <-stopped)
			require.Equal(t, []string{"completed"}, b.states(t))
			require.NoError(t, b.Stop(t.Context()), "stopping again is no error")
		})
	}
}

func TestStop_InterruptsALongJobForTheNextStart(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			running := make(chan struct{})
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(1)))
			require.NoError(t, b.Start(t.Context(), deliverFunc(func(ctx context.Context, _ ports.MailJob) error {
				close(running)
				<-ctx.Done()
				return ctx.Err()
			}), cleanUpFunc(noCleanUp)))
			<-running
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			require.NoError(t, b.Stop(ctx))
			require.Equal(t, []string{"available"}, b.states(t))
			b.start(t, func(context.Context, ports.MailJob) error { return nil })
			eventually(t, "the job is done", func() bool { return b.Counts().Delivered == 1 })
		})
	}
}

func TestStart_OutlivesItsContextAndRefusesTwice(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			ctx, cancel := context.WithCancel(t.Context())
			require.NoError(t, b.Start(ctx, deliverFunc(func(context.Context, ports.MailJob) error { return nil }), cleanUpFunc(noCleanUp)))
			cancel()
			require.ErrorIs(t, b.Start(t.Context(), nil, nil), errStarted)
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(1)))
			eventually(t, "the job is done", func() bool { return b.Counts().Delivered == 1 })
			require.NoError(t, b.Stop(t.Context()))
		})
	}
}

func TestStart_FailsWithoutTablesAndCanBeRepeated(t *testing.T) {
	t.Parallel()
	b := newBench(t, source{"sqlite", "sqlite", "file:" + t.TempDir() + "/empty.db"})
	for range 2 {
		require.ErrorContains(t, b.Start(t.Context(), deliverFunc(nil), cleanUpFunc(nil)), "starting the workers")
	}
	require.NoError(t, b.Stop(t.Context()))
}

func TestQueue_CleansUpOnStartAndPeriodically(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			b.pace.cleanUpEvery = 200 * time.Millisecond
			var runs atomic.Int64
			cleanUp := cleanUpFunc(func(context.Context) (ports.CleanUpResult, error) {
				if runs.Add(1) == 1 {
					return ports.CleanUpResult{}, errors.New("the first run fails")
				}
				return ports.CleanUpResult{Sessions: 2, Tokens: 3}, nil
			})
			require.NoError(t, b.Start(t.Context(), deliverFunc(nil), cleanUp))
			eventually(t, "the clean-up has run again", func() bool { return strings.Contains(b.logs.String(), `"sessions":2,"tokens":3`) })
			require.NoError(t, b.Stop(t.Context()))
			require.Contains(t, b.logs.String(), "the first run fails")
			require.NotZero(t, b.Counts().CleanedUpAt)
		})
	}
}

func TestQueue_ForgetsFinishedJobs(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			b.pace.retention = time.Millisecond
			rejected, expired := tokenMail(2), tokenMail(3)
			expired.ExpiresAt = expired.AcceptedAt
			for _, job := range []ports.MailJob{tokenMail(1), rejected, expired} {
				require.NoError(t, b.Enqueue(t.Context(), job))
			}
			deliver := func(_ context.Context, job ports.MailJob) error {
				if job.TokenID == rejected.TokenID {
					return ports.ErrMailRejected
				}
				return nil
			}
			// River looks when it begins to lead, then every 30 seconds.
			require.NoError(t, b.Start(t.Context(), deliverFunc(deliver), cleanUpFunc(noCleanUp)))
			eventually(t, "all jobs are finished", func() bool { return b.Counts() == Counts{Delivered: 1, Rejected: 1, Expired: 1} })
			require.NoError(t, b.Stop(t.Context()))
			b.start(t, deliver)
			eventually(t, "no row is left", func() bool { return len(b.states(t)) == 0 })
		})
	}
}

// a process is killed between taking a job and sending its mail.
func TestQueue_TakesUpTheJobOfAKilledProcess(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(1)))
			executable, err := os.Executable()
			require.NoError(t, err)
			child := exec.CommandContext(t.Context(), executable)
			child.Env = append(os.Environ(), childVariable+"="+strings.Join([]string{db.dialect, db.driver, db.url}, "|"))
			output, err := child.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, string(output))
			require.False(t, exit.Exited(), "the child was killed: %s", output)
			require.Equal(t, []string{"running"}, b.states(t))

			b.pace.timeout = time.Second
			b.pace.rescueAfter = time.Second
			var done journal
			b.start(t, func(_ context.Context, job ports.MailJob) error { done.note(job); return nil })
			require.Eventually(t, func() bool { return done.of(domain.TokenID{1}) == 1 }, time.Minute, 50*time.Millisecond)
		})
	}
}

const childVariable = "AUTH_SERVICE_TEST_KILLED_WORKER"

// childDatabase returns the database that this process uses if it is a child.
func childDatabase() *source {
	parts := strings.SplitN(os.Getenv(childVariable), "|", 3)
	if len(parts) != 3 {
		return nil
	}
	return &source{parts[0], parts[1], parts[2]}
}

// beKilledWhileDelivering takes a job and kills its own process before it can
// clean up.
func beKilledWhileDelivering(db *source) {
	var pool *sql.DB
	pool, err := db.connect()
	if err != nil {
		panic(err)
	}
	queue, err := New(pool, db.dialect, Options{Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)), Clock: wallClock{}})
	if err != nil {
		panic(err)
	}
	err = queue.Start(context.Background(), deliverFunc(func(context.Context, ports.MailJob) error {
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			panic(err)
		}
		_ = self.Kill()
		select {}
	}), cleanUpFunc(noCleanUp))
	if err != nil {
		panic(err)
	}
	select {}
}
