package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river/riverdriver"
)

// database is what differs between PostgreSQL and SQLite.
type database interface {
	pool() *sql.DB
	// begin starts a transaction that holds the lock on migrating. Errors:
	// errMigrating when somebody else holds it.
	begin(ctx context.Context) (*sql.Tx, error)
	// blocked tells whether err means that somebody else holds a lock.
	blocked(err error) bool
	// holders describes who holds locks, for a person; empty if unknown.
	holders(ctx context.Context) string
	// river returns the job queue's view of this database.
	river() riverdriver.Driver[*sql.Tx]
	// choose returns the statement of this database.
	choose(sql dialects) string

	// tables lists the tables of the schema in use.
	tables(ctx context.Context, q querier) ([]string, error)
	// columns lists a table's columns.
	columns(ctx context.Context, q querier, table string) ([]string, error)
	// retire renames a table, its indexes, constraints and sequences to
	// legacy_…, so that its names are free; restore undoes that.
	retire(ctx context.Context, tx *sql.Tx, table string) error
	restore(ctx context.Context, tx *sql.Tx, table string) error

	// asText returns an expression for a column's value as text.
	asText(column string) string
	// canonicalEmail returns an expression for the address in a column, as
	// domain.ParseEmail spells it if it accepts it.
	canonicalEmail(column string) string
	// page returns a query for at most limit rows of the table, in a fixed
	// order: the place of the row in that order, then exprs. Where after is
	// set, it takes the place of the last row before the page as its argument.
	page(ctx context.Context, q querier, table string, exprs []string, after bool, limit int) (string, error)
	// placeholder returns the n-th parameter, counted from 1.
	placeholder(n int) string
	// timestamp returns a time as the schema stores it.
	timestamp(t time.Time) any
}

// dialects holds one change in the SQL of each database.
type dialects struct{ postgres, sqlite string }

// Waiting for locks: a statement that changes a table waits lockTimeout at most,
// since all who come after it wait behind it; then it lets them pass and tries
// again, until patience ends.
const (
	lockTimeout = time.Second
	patience    = 5 * time.Minute
	firstWait   = 20 * time.Millisecond
	longestWait = time.Second
)

// errMigrating means that another process is migrating.
var errMigrating = errors.New("another process is migrating")

// patiently runs op again while it is blocked. Errors: ErrBlocked when time is
// up, else op's.
func patiently(ctx context.Context, store database, op func() error) error {
	began := time.Now()
	giveUp := time.NewTimer(patience)
	defer giveUp.Stop()
	var obstacle error
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := op()
		switch {
		case err == nil:
			return nil
		case store.blocked(err):
			obstacle = err
		case obstacle == nil || ctx.Err() == nil:
			return err
		}
		select {
		case <-time.After(wait):
			continue
		case <-ctx.Done():
		case <-giveUp.C:
		}
		return fmt.Errorf("%w: gave up after %s (%w)%s", ErrBlocked,
			time.Since(began).Round(time.Second/10), obstacle, whoHolds(ctx, store))
	}
}

// whoHolds asks even if the time of ctx is over.
func whoHolds(ctx context.Context, store database) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if who := store.holders(ctx); who != "" {
		return "; locks are held by " + who
	}
	return ""
}
