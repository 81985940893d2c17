package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestNew_RefusesAnUnknownDialect(t *testing.T) {
	t.Parallel()
	_, err := New(nil, "oracle", Options{})
	require.Error(t, err)
}

func TestQueue_RetriesUntilTheMailLeaves(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			var tries atomic.Int64
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(1)))
			b.start(t, func(context.Context, ports.MailJob) error {
				switch tries.Add(1) {
				case 1:
					return errors.New("the server is away")
				case 2:
					panic("about ann@example.com")
				case 3:
					_ = kinds[tries.Load()] // panics: out of range
				}
				return nil
			})
			eventually(t, "the job is done", func() bool { return b.Counts().Delivered == 1 })
			require.EqualValues(t, 4, tries.Load())
			require.EqualValues(t, 3, b.Counts().Retried)
			require.Contains(t, b.logs.String(), "the server is away")
			require.NotContains(t, b.logs.String(), "ann@example.com", "a panic's value is not logged")
			eventually(t, "no failure has used up an attempt or been stored", func() bool {
				return len(query(t, b.db, "SELECT id FROM river_job WHERE kind = 'mail' AND state = 'completed' AND attempt = 1 AND errors IS NULL")) == 1
			})
		})
	}
}

//
func TestQueue_GivesUpARejectedMailAndDelaysNoOther(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			var done journal
			for n := byte(1); n <= 30; n++ {
				require.NoError(t, b.Enqueue(t.Context(), tokenMail(n)))
			}
			b.start(t, func(_ context.Context, job ports.MailJob) error {
				done.note(job)
				if job.TokenID == (domain.TokenID{1}) {
					return fmt.Errorf("550 for ann@example.com: %w", ports.ErrMailRejected)
				}
				return nil
			})
			eventually(t, "the others are done", func() bool { return b.Counts().Delivered == 29 })
			eventually(t, "the rejected one is given up", func() bool { return b.Counts().Rejected == 1 })
			eventually(t, "its row is cancelled", func() bool { return b.states(t)[0] == "cancelled" })
			require.Equal(t, 1, done.of(domain.TokenID{1}))
			require.Contains(t, b.logs.String(), `"msg":"a mail is given up: it was rejected for good"`)
			stored := query(t, b.db, "SELECT CAST(args AS text) || CAST(metadata AS text) || COALESCE(CAST(errors AS text), '') FROM river_job")
			require.NotContains(t, fmt.Sprint(stored), "ann@example.com", "errors may quote the recipient and are not stored")
		})
	}
}

func TestQueue_GivesUpExpiredMails(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			job := tokenMail(1)
			job.ExpiresAt = job.AcceptedAt.Add(700 * time.Millisecond)
			require.NoError(t, b.Enqueue(t.Context(), job))
			late := tokenMail(2)
			late.ExpiresAt = late.AcceptedAt
			require.NoError(t, b.Enqueue(t.Context(), late))
			var tried journal
			b.start(t, func(_ context.Context, job ports.MailJob) error {
				tried.note(job)
				return errors.New("the server is away")
			})
			eventually(t, "both are given up", func() bool { return b.Counts().Expired == 2 })
			require.Equal(t, 1, tried.of(domain.TokenID{2}), "an expired mail is handed over once, to record it")
			require.EqualValues(t, len(tried.jobs)-2, b.Counts().Retried)
			eventually(t, "their rows are cancelled", func() bool { return fmt.Sprint(b.states(t)) == "[cancelled cancelled]" })
			require.Contains(t, b.logs.String(), `"level":"ERROR","msg":"a mail is given up`)
			unrecorded := strings.Count(b.logs.String(), `"level":"ERROR","msg":"the outcome of a mail is missing in the audit log"`)
			require.Equal(t, 2, unrecorded, "once for each expired mail, and for no earlier failure")
		})
	}
}

func TestQueue_ASlowMailDelaysNoOther(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			b.pace.timeout = 300 * time.Millisecond
			b.pace.rescueAfter = time.Minute
			var slow atomic.Int64
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(1)))
			b.start(t, func(ctx context.Context, job ports.MailJob) error {
				if job.TokenID == (domain.TokenID{1}) && slow.Add(1) == 1 {
					<-ctx.Done()
					return ctx.Err()
				}
				return nil
			})
			eventually(t, "the slow job runs", func() bool { return slow.Load() == 1 })
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(2)))
			eventually(t, "both are done, the slow one after its timeout", func() bool { return b.Counts().Delivered == 2 })
			require.EqualValues(t, 1, b.Counts().Retried)
		})
	}
}

func TestQueue_BulkMailsLeaveOneByOneAndDelayNoOther(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, newSource(t, kind))
			const many = 2 * workers
			for n := byte(1); n <= many; n++ {
				job := tokenMail(n)
				job.Bulk = true
				require.NoError(t, b.Enqueue(t.Context(), job))
			}
			pending, err := b.Pending(t.Context())
			require.NoError(t, err)
			require.Equal(t, many, pending.Mails)
			require.Zero(t, pending.Oldest, "an import is no sign of a mail server that fails")
			var atOnce, most atomic.Int64
			other := make(chan struct{})
			b.start(t, func(_ context.Context, job ports.MailJob) error {
				if !job.Bulk {
					close(other)
					return nil
				}
				now := atOnce.Add(1)
				defer atOnce.Add(-1)
				for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				}
				<-other
				return nil
			})
			eventually(t, "a bulk mail is being sent", func() bool { return atOnce.Load() == 1 })
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(100)))
			eventually(t, "all are sent", func() bool { return b.Counts().Delivered == many+1 })
			require.EqualValues(t, 1, most.Load())
		})
	}
}

func TestQueue_TwoProcessesDeliverEachJobOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			first, second := newBench(t, db), newBench(t, db)
			var done journal
			deliver := func(_ context.Context, job ports.MailJob) error { done.note(job); return nil }
			first.start(t, deliver)
			second.start(t, deliver)
			for n := byte(1); n <= 60; n++ {
				require.NoError(t, []*bench{first, second}[n%2].Enqueue(t.Context(), tokenMail(n)))
			}
			eventually(t, "all are done", func() bool { return first.Counts().Delivered+second.Counts().Delivered == 60 })
			for n := byte(1); n <= 60; n++ {
				require.Equal(t, 1, done.of(domain.TokenID{n}))
			}
		})
	}
}

func TestQueue_ToleratesRowsOfOtherReleases(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newSource(t, kind)
			b := newBench(t, db)
			insert := "INSERT INTO river_job (kind, args, max_attempts, queue, state, priority) VALUES "
			for _, row := range []string{
				`('report_of_tomorrow', '{}', 25, 'default', 'available', 1)`,
				`('mail', '{"job":"token_mail","token_id":"01000000-0000-0000-0000-000000000000","accepted_at":"2020-01-01T00:00:00Z","expires_at":"2999-01-01T00:00:00Z","of_tomorrow":[1]}', 25, 'default', 'available', 1)`,
				`('mail', '{"job":"token_mail","token_id":"no id","accepted_at":"2020-01-01T00:00:00Z","expires_at":"2999-01-01T00:00:00Z"}', 25, 'default', 'available', 1)`,
			} {
				_, err := b.db.ExecContext(t.Context(), insert+row)
				require.NoError(t, err)
			}
			var done journal
			b.start(t, func(_ context.Context, job ports.MailJob) error { done.note(job); return nil })
			eventually(t, "a field of tomorrow is ignored", func() bool { return done.of(domain.TokenID{1}) == 1 })
			eventually(t, "a broken row is given up", func() bool { return b.Counts().Rejected == 1 })
			require.Equal(t, []string{"available 0"}, query(t, b.db, "SELECT CAST(state AS text) || ' ' || CAST(attempt AS text) FROM river_job WHERE kind = 'report_of_tomorrow'"))
		})
	}
}
