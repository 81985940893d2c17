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

// Options tune a connection. The zero value fits most uses.
type Options struct {
	// MaxOpenConns bounds the connections to PostgreSQL, or the connections that
	// read from SQLite; SQLite always has one connection for writing. Zero means
	// four per core, at least ten.
	MaxOpenConns int
	// ConnMaxLifetime limits the life of a connection to PostgreSQL, so that load
	// moves to added servers. Zero means five minutes.
	ConnMaxLifetime time.Duration
	// ConnectTimeout bounds connecting to one host of PostgreSQL if the URL has
	// no connect_timeout. Zero means two seconds, which leaves time to try a
	// second host within a request.
	ConnectTimeout time.Duration
	// Logger gets unexpected errors, with the statement but never with its
	// values. Nil means slog.Default().
	Logger *slog.Logger
	// Tracing makes a span for each statement within another span. Nil disables
	// it.
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
	// writer and reader are the same on PostgreSQL. On SQLite the writer has the
	// only connection that writes, and the reader has connections that only read.
	writer, reader *gorm.DB
	pools          []*sql.DB // the writer's pool first
	watchdog       *watchdog // nil on SQLite
	traced         bool      // whether statements have spans
	log            gormLogger
	gathered       *gathered // of all stores; nil unless connections are lent
	gatheredAll    *gathered // as gathered, with metadata
}

// Open opens the database. It creates a missing SQLite file with mode 0600 and
// its folder with mode 0700. It connects to PostgreSQL only when needed, so that
// a service can start before its database; Ping reports whether the database
// answers. The caller closes the DB. Errors: the reason why the file cannot be
// used; never the password.
func Open(ctx context.Context, source Source, options Options) (*DB, error) {
	options = options.withDefaults()
	var db *DB
	var err error
	switch source.dialect {
	case PostgreSQL:
		db, err = openPostgreSQL(source, options)
	case SQLite:
		// Two processes that open a new file at once both change its journal mode. SQLite
		// refuses one of them at once, because waiting could be a deadlock.
		err = repeat(ctx, func() error {
			db, err = openSQLite(source, options)
			return err
		}, func(err error) bool { return classify(err) == transient })
	default:
		err = errors.New("the source is empty")
	}
	if err == nil {
		db.traced, db.log = options.Tracing != nil, gormLogger{options.Logger}
		if pool := db.lends(); pool != nil {
			d := direct{lend: pool, handle: db.reader, log: db.log}
			db.gathered, db.gatheredAll = newGathered(d, justUser), newGathered(d, andMetadata)
		}
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

// gormConfig serves both databases. GORM's own translation of errors stays off,
// because it drops the name of the constraint (ADR 0005).
func gormConfig(options Options) *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		QueryFields:            true, // names the columns, so that a newer schema may have more
		Logger:                 gormLogger{options.Logger},
	}
}

// GORM returns the handle that writes, for migrations.
func (db *DB) GORM() *gorm.DB { return db.writer }

// SQL returns the pool that writes, for the job queue. It has one connection on
// SQLite.
func (db *DB) SQL() *sql.DB { return db.pools[0] }

// Dialect returns the kind of database.
func (db *DB) Dialect() Dialect { return db.dialect }

// Ping checks that the database answers. Errors: domain.ErrUnavailable or an
// internal one.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	pool := db.pools[len(db.pools)-1]
	return translate(ctx, "checking the connection", pool.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1) AS one").Scan(&one))
}

// Answered returns when PostgreSQL last answered anything: a statement, a refusal
// or a new connection of any caller. It is zero before the first answer and on
// SQLite.
func (db *DB) Answered() time.Time {
	if db.watchdog == nil {
		return time.Time{}
	}
	return db.watchdog.lastAnswer()
}

// Close closes all connections, the readers first. The last connection to a
// SQLite database writes back the log, so it must be the writer's.
func (db *DB) Close() error {
	var errs []error
	for i := len(db.pools) - 1; i >= 0; i-- {
		errs = append(errs, db.pools[i].Close())
	}
	return errors.Join(errs...)
}
