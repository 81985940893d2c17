package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Pending are the mails that all processes together have still to deliver.
type Pending struct {
	// Mails is how many there are; 100,000 stands for that many or more.
	Mails int
	// Oldest is when the oldest of them was stored; zero if there is none.
	Oldest time.Time
}

// unfinished are the states of jobs that are still to be done. Each is looked up
// in River's index of what to fetch next.
const unfinished = `state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND kind = '` + mailKind + `'`

// Counting ends at some number: an outage of the mail server must not make it a
// load of its own. Rows have ascending numbers and finished ones go within minutes, so the oldest
// is found near the beginning of the primary key.
const (
	countPending  = `SELECT count(*) FROM (SELECT 1 FROM river_job WHERE ` + unfinished + ` LIMIT 100000) AS jobs`
	oldestPending = `SELECT created_at FROM river_job WHERE ` + unfinished + ` ORDER BY id LIMIT 1`
)

// Pending asks the database. Errors: those of the database.
func (q *Queue) Pending(ctx context.Context) (Pending, error) {
	var p Pending
	if err := q.reader.QueryRowContext(ctx, countPending).Scan(&p.Mails); err != nil {
		return Pending{}, fmt.Errorf("jobs: counting the mails to deliver: %w", err)
	}
	err := q.reader.QueryRowContext(ctx, oldestPending).Scan(&p.Oldest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Pending{}, fmt.Errorf("jobs: looking for the oldest mail to deliver: %w", err)
	}
	return p, nil
}
