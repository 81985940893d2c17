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

var errNested = errors.New("database: a unit of work inside of another")

// Do implements ports.UnitOfWork: read committed on PostgreSQL, where the
// versions of aggregates show conflicts; one writer at a time on SQLite.
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

// attempt runs fn in one transaction. Whatever way fn is left without an error
// being nil, by panic or runtime.Goexit as well, the transaction is rolled back.
func (s *Stores) attempt(ctx context.Context, level sql.IsolationLevel, fn func(ctx context.Context, r ports.Repositories) error) error {
	handle, undo := s.db.writer.WithContext(ctx), func() {}
	if s.db.dialect == SQLite {
		level = sql.LevelDefault // it has but one: serializable
		conn, err := s.db.SQL().Conn(ctx)
		if err != nil {
			return translate(ctx, "beginning a transaction", err)
		}
		defer func() { _ = conn.Close() }() // gives it back, unless it was dropped
		handle.Statement.ConnPool, undo = conn, func() { drop(conn) }
	}
	tx := handle.Begin(&sql.TxOptions{Isolation: level})
	if tx.Error != nil {
		return translate(ctx, "beginning a transaction", tx.Error)
	}
	finished := false
	defer func() {
		if !finished {
			tx.Rollback() // its error matters to nobody: the connection is reset or dropped
		}
	}()
	unit := access{read: tx, write: tx, inUnit: true}
	sqlTx, ok := tx.Statement.ConnPool.(*sql.Tx)
	if !ok {
		return errors.New("database: GORM began something else than a *sql.Tx")
	}
	if err := fn(context.WithValue(ctx, unitKey{}, true), repositories(unit, s.jobs.InTx(sqlTx))); err != nil {
		return err
	}
	finished = true
	err := tx.Commit().Error
	if err != nil {
		undo()
	}
	return translate(ctx, "committing", err)
}

// drop closes a connection to SQLite whose commit failed. That may have left the
// transaction open, which ends with the connection, before anybody else gets
// one. PostgreSQL's driver does the same by itself.
func drop(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}
