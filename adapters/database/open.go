package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"go.opentelemetry.io/otel/trace"
	"gorm.io/gorm"
)

// Options tune a connection. The zero value is right for most.
type Options struct {
	// MaxOpenConns bounds the connections to PostgreSQL, and those that read
	// from SQLite, which has one for writing in any case. Zero is four per
	// core, at least ten.
	MaxOpenConns int
	// ConnMaxLifetime is the life of a connection to PostgreSQL: five minutes
	// by default, so that load moves to servers that were added.
	ConnMaxLifetime time.Duration
	// ConnectTimeout bounds connecting to one host of PostgreSQL, where the URL
	// has no connect_timeout: two seconds by default, so that a second host
	// can still be tried within a request.
	ConnectTimeout time.Duration
	// Logger gets errors that nobody expects, with the statement but never with
	// its values. Nil is slog.Default().
	Logger *slog.Logger
	// Tracing makes a span of each statement within another span; nil for none.
	Tracing trace.TracerProvider
}

func (o Options) withDefaults() Options {
	if o.MaxOpenConns <= 0 {
		o.MaxOpenConns = max(10, 4*runtime.NumCPU())
	}
	if o.ConnMaxLifetime <= 0 {
		o.ConnMaxLifetime = 5 * time.Minute
	}
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = 2 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	// writer and reader are one on PostgreSQL. On SQLite the writer has the
	// one connection that writes, and the reader those that only read.
	writer, reader *gorm.DB
	pools          []*sql.DB // the writer's first
	watchdog       *watchdog // nil on SQLite
}

// Open opens the database. A missing SQLite file is created with mode 0600, its
// folder with 0700. PostgreSQL is connected to when it is needed, so that a
// service can start before its database; Ping tells whether it answers. The
// caller closes the DB. Errors: the file cannot be used, and why; never the
// password.
func Open(ctx context.Context, source Source, options Options) (*DB, error) {
	options = options.withDefaults()
	var db *DB
	var err error
	switch source.dialect {
	case PostgreSQL:
		db, err = openPostgreSQL(source, options)
	case SQLite:
		db, err = openSQLite(source, options)
	default:
		err = errors.New("no source")
	}
	if err == nil && source.dialect == SQLite {
		err = db.Ping(ctx)
	}
	if err != nil {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
		return nil, fmt.Errorf("opening %s: %w", source, err)
	}
	return db, nil
}

// gormConfig is the same for both databases. GORM's own translation of errors
// stays off: it drops the name of the constraint (ADR 0005).
func gormConfig(options Options) *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		QueryFields:            true, // named columns, so that a newer schema may add some
		Logger:                 gormLogger{options.Logger},
	}
}

// GORM returns the handle that writes, for migrations.
func (db *DB) GORM() *gorm.DB { return db.writer }

// SQL returns the pool that writes, for the job queue. On SQLite it has one
// connection.
func (db *DB) SQL() *sql.DB { return db.pools[0] }

// Dialect returns the kind of database.
func (db *DB) Dialect() Dialect { return db.dialect }

// Ping tells whether the database answers. Errors: domain.ErrUnavailable or an
// internal one.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	pool := db.pools[len(db.pools)-1]
	return translate(ctx, "asking whether it answers", pool.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1) AS one").Scan(&one))
}

// Answered returns when PostgreSQL last answered anything, to whomever: a
// statement, a refusal or a new connection. The zero time is never, and SQLite.
func (db *DB) Answered() time.Time {
	if db.watchdog == nil {
		return time.Time{}
	}
	return db.watchdog.lastAnswer()
}

// Close closes all connections, those that read first: the last one to go of
// SQLite's writes back the log and so has to be the writer.
func (db *DB) Close() error {
	var errs []error
	for i := len(db.pools) - 1; i >= 0; i-- {
		errs = append(errs, db.pools[i].Close())
	}
	return errors.Join(errs...)
}
