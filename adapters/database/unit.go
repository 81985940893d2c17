package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// unitKey marks the context that the function of a unit gets.
type unitKey struct{}

var errNested = errors.New("database: a unit of work inside another")

// Do implements ports.UnitOfWork. PostgreSQL runs it as read committed, and the
// versions of aggregates reveal conflicts. SQLite runs one writer at a time.
func (s *Stores) Do(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	return s.do(ctx, sql.LevelReadCommitted, fn)
}

// DoSerializable implements ports.UnitOfWork.
func (s *Stores) DoSerializable(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	return s.do(ctx, sql.LevelSerializable, fn)
}

func (s *Stores) do(ctx context.Context, level sql.IsolationLevel, fn func(ctx context.Context, r ports.Repositories) error) error {
	if ctx.Value(unitKey{}) != nil {
		return errNested
	}
	return repeat(ctx,
		func() error { return s.attempt(ctx, level, fn) },
		func(err error) bool { return errors.Is(err, domain.ErrConflict) || errors.Is(err, errTransient) })
}

// attempt runs fn in one transaction. It rolls back unless fn returns nil, also
// after a panic or runtime.Goexit.
func (s *Stores) attempt(ctx context.Context, level sql.IsolationLevel, fn func(ctx context.Context, r ports.Repositories) error) error {
	handle, undo := s.db.writer.WithContext(ctx), func() {}
	if s.db.dialect == SQLite {
		level = sql.LevelDefault // SQLite has only one level: serializable
		conn, err := s.db.SQL().Conn(ctx)
		if err != nil {
			return translate(ctx, "beginning a transaction", err)
		}
		defer func() { _ = conn.Close() }() // returns it to the pool, unless it was dropped
		handle.Statement.ConnPool, undo = conn, func() { drop(conn) }
	}
	tx := handle.Begin(&sql.TxOptions{Isolation: level})
	if tx.Error != nil {
		return translate(ctx, "beginning a transaction", tx.Error)
	}
	finished := false
	defer func() {
		if !finished {
			tx.Rollback() // the error is safe to ignore: the connection is reset or dropped
		}
	}()
	unit := access{read: tx, write: tx, inUnit: true, log: s.db.log}
	sqlTx, ok := tx.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return errors.New("database: GORM's transaction is not a *sql.Tx")
	}
	if err := fn(context.WithValue(ctx, unitKey{}, true), s.repositories(unit, s.jobs.InTx(sqlTx))); err != nil {
		return err
	}
	finished = true
	err := tx.Commit().Error
	if err != nil {
		undo()
	}
	return translate(ctx, "committing", err)
}

// drop closes a connection to SQLite whose commit failed. The transaction may
// still be open; it ends with the connection, before another caller gets one.
// PostgreSQL's driver does the same by itself.
func drop(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}
