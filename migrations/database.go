package migrations

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river/riverdriver"
)

// database holds the differences between PostgreSQL and SQLite.
type database interface {
	pool() *sql.DB
	// begin starts a transaction that holds the lock on migrating. Errors:
	// errMigrating when another process holds it.
	begin(ctx context.Context) (*sql.Tx, error)
	// encoded returns nil if the database can store every character. Errors:
	// ErrEncoding; any other if the database cannot be read.
	encoded(ctx context.Context) error
	// obstacle returns the lock that err was about.
	obstacle(err error) obstacle
	// holders describes the processes that hold locks, for a person; empty if
	// unknown.
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
	// legacy_…, which frees their names. restore undoes it.
	retire(ctx context.Context, tx *sql.Tx, table string) error
	restore(ctx context.Context, tx *sql.Tx, table string) error

	// asText returns an expression for a column's value as text.
	asText(column string) string
	// canonicalEmail returns an expression for the address in a column, in the
	// spelling of domain.ParseEmail for the addresses that it accepts.
	canonicalEmail(column string) string
	// page returns a query for at most limit rows of the table in a fixed order.
	// Its columns are the place of the row in that order, then exprs. If after
	// is set, its argument is the place of the last row before the page.
	page(ctx context.Context, q querier, table string, exprs []string, after bool, limit int) (string, error)
	// placeholder returns the n-th parameter, counted from 1.
	placeholder(n int) string
	// timestamp returns a time as the schema stores it.
	timestamp(t time.Time) any
}

// dialects holds one change in the SQL of each database.
type dialects struct{ postgres, sqlite string }
