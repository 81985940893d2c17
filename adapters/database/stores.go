package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// JobQueue is a job queue in the same database.
type JobQueue interface {
	ports.Jobs
	// InTx returns the queue as a part of tx: an enqueued job exists once tx has
	// committed.
	InTx(tx *sql.Tx) ports.Jobs
}

// Stores implements ports.UnitOfWork and holds the repositories.
type Stores struct {
	db   *DB
	jobs JobQueue
	hash KeyedHash
}

var _ ports.UnitOfWork = (*Stores)(nil)

// KeyedHash returns a hash of a text by a secret key, so that a copy of the database
// does not reveal the text.
type KeyedHash func(text string) [32]byte

// NewStores returns the stores of an open, migrated database. hash makes the keys of
// counted wrong passwords.
func NewStores(db *DB, jobs JobQueue, hash KeyedHash) *Stores {
	return &Stores{db: db, jobs: jobs, hash: hash}
}

// Repositories returns the repositories for calls outside a unit of work. Each
// call is durable when it returns.
func (s *Stores) Repositories() ports.Repositories {
	return s.repositories(access{read: s.db.reader, write: s.db.writer, lend: s.db.lends(), gathered: s.db.gathered, gatheredAll: s.db.gatheredAll, log: s.db.log}, s.jobs)
}

func (s *Stores) repositories(a access, jobs ports.Jobs) ports.Repositories {
	return ports.Repositories{
		Users: users{a}, Sessions: sessions{a}, Tokens: tokens{a}, Audit: audit{a}, Jobs: queue{a, jobs}, Transfer: transfer{a},
		Failures: failures{a, s.hash}, Metadata: metadata{a}, Factors: factors{a}, Recovery: recoveryCodes{a},
	}
}

// queue adds the job queue to the repositories. It runs on the same database, so
// its errors mean the same as theirs.
type queue struct {
	access
	jobs ports.Jobs
}

// Enqueue stores a job.
func (q queue) Enqueue(ctx context.Context, job ports.MailJob) error {
	return q.writing(ctx, "storing a job", func(*gorm.DB) error { return q.jobs.Enqueue(ctx, job) })
}

// access runs the statements of repositories: one by one, or in the transaction
// of a unit of work.
type access struct {
	read, write *gorm.DB
	inUnit      bool
	// lend and log are for direct.
	lend *sql.DB
	log  gormLogger
	// gathered reads sessions with their users; nil if each read has a query of its own: on
	// SQLite, in a unit of work, and with traces, where it belongs to its request.
	gathered *gathered
	// gatheredAll reads them with their metadata.
	gatheredAll *gathered
}

// reading runs statements that change nothing.
func (a access) reading(ctx context.Context, doing string, fn func(db *gorm.DB) error) error {
	return a.run(ctx, a.read, doing, fn)
}

// writing runs statements that change something.
func (a access) writing(ctx context.Context, doing string, fn func(db *gorm.DB) error) error {
	if err := a.mayWrite(ctx, doing); err != nil {
		return err
	}
	return a.run(ctx, a.write, doing, fn)
}

// readingDirectly is reading for fixed statements.
func (a access) readingDirectly(ctx context.Context, doing string, fn func(d direct) error) error {
	return a.attempt(ctx, doing, func() error { return fn(a.directly(a.read)) })
}

// writingDirectly is writing for fixed statements.
func (a access) writingDirectly(ctx context.Context, doing string, fn func(d direct) error) error {
	if err := a.mayWrite(ctx, doing); err != nil {
		return err
	}
	return a.attempt(ctx, doing, func() error { return fn(a.directly(a.write)) })
}

func (a access) directly(db *gorm.DB) direct {
	return direct{lend: a.lend, handle: db, log: a.log}
}

// mayWrite refuses a write beside the unit of work that it is called from, for which it
// would wait.
func (a access) mayWrite(ctx context.Context, doing string) error {
	if !a.inUnit && ctx.Value(unitKey{}) != nil {
		return fmt.Errorf("database: %s: a unit of work must write through its own repositories", doing)
	}
	return nil
}

func (a access) run(ctx context.Context, db *gorm.DB, doing string, fn func(db *gorm.DB) error) error {
	return a.attempt(ctx, doing, func() error { return fn(db.WithContext(ctx)) })
}

// attempt runs fn and translates its error. It repeats a transient failure of a
// single call; in a unit of work, Do repeats the whole unit.
func (a access) attempt(ctx context.Context, doing string, fn func() error) error {
	once := func() error { return translate(ctx, doing, fn()) }
	if a.inUnit {
		return once()
	}
	return repeat(ctx, once, func(err error) bool { return errors.Is(err, errTransient) })
}

// Bounds of the repetition after a transient failure.
const (
	maxAttempts  = 25
	firstBackoff = time.Millisecond
	maxBackoff   = 50 * time.Millisecond
)

// repeat runs fn until it succeeds or again reports false for its error. Errors:
// fn's; domain.ErrUnavailable when the attempts are used up.
func repeat(ctx context.Context, fn func() error, again func(error) bool) error {
	backoff := firstBackoff
	var err error
	for range maxAttempts {
		if err = fn(); err == nil || !again(err) {
			return err
		}
		wait := time.NewTimer(rand.N(backoff) + 1) //nolint:gosec // jitter, no secret
		select {
		case <-ctx.Done():
			wait.Stop()
			return translate(ctx, "waiting to try again", err)
		case <-wait.C:
		}
		backoff = min(2*backoff, maxBackoff)
	}
	return fmt.Errorf("database: gave up after %d attempts: %w: %v", maxAttempts, domain.ErrUnavailable, err) //nolint:errorlint // the caller must not see a conflict
}
