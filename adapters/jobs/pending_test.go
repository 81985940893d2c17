package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestPending_CountsUndeliveredMails(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, newSource(t, kind))
			none, err := b.Pending(t.Context())
			require.NoError(t, err)
			assert.Equal(t, Pending{}, none)

			before := time.Now().Add(-time.Second) // SQLite keeps milliseconds
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(1)))
			after := time.Now().Add(time.Second)
			require.NoError(t, b.Enqueue(t.Context(), tokenMail(2)))
			two, err := b.Pending(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 2, two.Mails)
			assert.WithinRange(t, two.Oldest, before, after)

			// One mail is delivered; the other fails and stays pending.
			b.start(t, func(_ context.Context, job ports.MailJob) error {
				if job.TokenID == (domain.TokenID{1}) {
					return nil
				}
				return errors.New("the server is away")
			})
			eventually(t, "one is left", func() bool {
				left, err := b.Pending(t.Context())
				require.NoError(t, err)
				return left.Mails == 1 && b.Counts().Retried > 1 && !left.Oldest.IsZero()
			})
		})
	}
}

func TestPending_UsesIndexes(t *testing.T) {
	t.Parallel()
	b := newBench(t, newSource(t, "postgres"))
	_, err := b.db.ExecContext(t.Context(), `INSERT INTO river_job (args, kind, max_attempts, state, finalized_at)
		SELECT '{}', 'mail', 3, 'completed', now() FROM generate_series(1, 20000)`)
	require.NoError(t, err)
	_, err = b.db.ExecContext(t.Context(), "ANALYZE river_job")
	require.NoError(t, err)
	for _, statement := range []string{countPending, oldestPending} {
		for _, line := range query(t, b.db, "EXPLAIN "+statement) {
			assert.NotContains(t, line, "Seq Scan", statement)
		}
	}
}
