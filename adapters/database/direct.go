package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
)

// The statements of a session check and a refresh run for most requests, so they pass GORM
// by: their texts are fixed, with the placeholders $1, $2, which both databases know. On
// PostgreSQL they also pass by database/sql's own conversions: a connection of its pool is
// lent to them, with its checks and its limit (ADR 0035).

// direct runs fixed statements.
type direct struct {
	// lend is PostgreSQL's pool; nil if statements go through database/sql: on SQLite, in a
	// transaction, and with traces, whose spans are made there.
	lend *sql.DB
	// handle is GORM's, whose pool or transaction runs statements if lend is nil.
	handle *gorm.DB
	log    gormLogger
}

// lends returns the pool whose connections direct may use; nil if there is none.
func (db *DB) lends() *sql.DB {
	if db.dialect == PostgreSQL && !db.traced {
		return db.pools[0]
	}
	return nil
}

// queryRow runs a query and scans its one row. Errors: sql.ErrNoRows.
func (d direct) queryRow(ctx context.Context, query string, args, dest []any) error {
	d.tell(query, args)
	var err error
	if d.lend == nil {
		err = d.handle.Statement.ConnPool.QueryRowContext(ctx, query, args...).Scan(dest...)
	} else {
		err = d.borrow(ctx, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, query, args...).Scan(columns(dest)) })
	}
	if !errors.Is(err, sql.ErrNoRows) {
		d.note(ctx, query, err)
	}
	return err
}

// execOne runs a conditional write of one row. Errors: domain.ErrConflict if no row matched.
func (d direct) execOne(ctx context.Context, query string, args []any) error {
	d.tell(query, args)
	var affected int64
	var err error
	if d.lend == nil {
		var result sql.Result
		if result, err = d.handle.Statement.ConnPool.ExecContext(ctx, query, args...); err == nil {
			affected, err = result.RowsAffected()
		}
	} else {
		err = d.borrow(ctx, func(conn *pgx.Conn) error {
			tag, err := conn.Exec(ctx, query, args...)
			affected = tag.RowsAffected()
			return err
		})
	}
	d.note(ctx, query, err)
	if err == nil && affected == 0 {
		return domain.ErrConflict
	}
	return err
}

// watcher is a plugin of GORM that keeps statements for tests, such as sent.Statements.
type watcher interface{ Keep(text string, vars []any) }

// tell gives a statement to the watcher of the handle, if there is one.
func (d direct) tell(query string, args []any) {
	if w, watched := d.handle.Plugins["sent"].(watcher); watched {
		w.Keep(query, args)
	}
}

// note logs an error as GORM's statements do.
func (d direct) note(ctx context.Context, query string, err error) {
	if err != nil {
		d.log.Trace(ctx, time.Time{}, func() (string, int64) { return query, 0 }, err)
	}
}

// borrowAttempts is how many connections of the pool are tried: a server may have closed them
// while they were idle.
const borrowAttempts = 3

// borrow runs a statement on a connection of the pool. A connection that was closed before
// the statement left is dropped, and another one is tried.
func (d direct) borrow(ctx context.Context, run func(*pgx.Conn) error) error {
	var err error
	for range borrowAttempts {
		if err = d.borrowOnce(ctx, run); !errors.Is(err, driver.ErrBadConn) {
			return err
		}
	}
	return err
}

func (d direct) borrowOnce(ctx context.Context, run func(*pgx.Conn) error) error {
	conn, err := d.lend.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // returns it to the pool
	return conn.Raw(func(inner any) error {
		own, ok := inner.(*stdlib.Conn)
		if !ok {
			return errors.New("database: the pool's connection is not pgx's")
		}
		if own.Conn().IsClosed() {
			return driver.ErrBadConn
		}
		err := run(own.Conn())
		if err != nil && pgconn.SafeToRetry(err) {
			return driver.ErrBadConn
		}
		return err
	})
}
