package database

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"

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
	if s.db.dialect == SQLite {
		level = sql.LevelDefault // it has but one: serializable
	}
	tx := s.db.writer.WithContext(ctx).Begin(&sql.TxOptions{Isolation: level})
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
	return s.commit(ctx, tx)
}

func (s *Stores) commit(ctx context.Context, tx *gorm.DB) error {
	err := tx.Commit().Error
	if err != nil && s.db.dialect == SQLite {
		// A commit that fails may leave the transaction open on the one
		// connection; PostgreSQL's driver drops such a connection by itself.
		// That there is none to roll back is the usual error.
		_, _ = s.db.SQL().ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return translate(ctx, "committing", err)
}
