package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

func TestQueue_KeepsTheContract(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			contract.RunJobs(t, func(t testing.TB) contract.Queue {
				t.Helper()
				b := newBench(t, newSource(t, kind))
				return contract.Queue{
					Jobs: b.Queue,
					Unit: b.unit,
					Deliver: func(t testing.TB, deliver ports.UseCase[ports.MailJob, ports.None]) {
						t.Helper()
						b.start(t, func(ctx context.Context, job ports.MailJob) error {
							_, err := deliver.Execute(ctx, job)
							return err
						})
					},
					Retry:   func() {},
					Clock:   wallClock{},
					Wait:    func(time.Duration) {},
					Pending: b.pendingMails,
				}
			})
		})
	}
}

// unit runs fn in a transaction.
func (b *bench) unit(ctx context.Context, fn func(ports.Jobs) error) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(b.InTx(tx)); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (b *bench) pendingMails(t testing.TB) int {
	t.Helper()
	return len(query(t, b.db, "SELECT id FROM river_job WHERE kind = 'mail' AND state NOT IN ('completed', 'cancelled', 'discarded')"))
}
