package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Pending describes the mails that all processes together still have to deliver.
type Pending struct {
	// Mails is their number; 100,000 means that many or more.
	Mails int
	// Oldest is when the oldest of them was stored, bulk mails aside, which may wait for
	// hours; zero if there are none.
	Oldest time.Time
}

// unfinished selects jobs that are not finished. For each state, the query uses
// River's index of jobs to fetch.
const unfinished = `state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND kind = '` + mailKind + `'`

// Counting stops at a limit, so that the count stays cheap during an outage of
// the mail server. Row ids ascend and finished rows are deleted within minutes,
// so the oldest row is near the beginning of the primary key.
const (
	countPending  = `SELECT count(*) FROM (SELECT 1 FROM river_job WHERE ` + unfinished + ` LIMIT 100000) AS jobs`
	oldestPending = `SELECT created_at FROM river_job WHERE ` + unfinished + ` AND queue <> '` + bulkQueue + `' ORDER BY id LIMIT 1`
)

// Pending counts in the database. Errors: those of the database.
func (q *Queue) Pending(ctx context.Context) (Pending, error) {
	var p Pending
	if err := q.reader.QueryRowContext(ctx, countPending).Scan(&p.Mails); err != nil {
		return Pending{}, fmt.Errorf("jobs: counting the mails to deliver: %w", err)
	}
	err := q.reader.QueryRowContext(ctx, oldestPending).Scan(&p.Oldest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Pending{}, fmt.Errorf("jobs: finding the oldest mail to deliver: %w", err)
	}
	return p, nil
}
