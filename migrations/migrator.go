package migrations

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// stepsTable is the table in which gormigrate notes the steps that ran.
const stepsTable = "schema_migrations"

var (
	// ErrOutdated is a schema that lacks steps which this release needs. Its
	// text names them and the command to run.
	ErrOutdated = errors.New("the database schema is not up to date")
	// ErrWouldLoseData refuses a step back that would destroy accounts or
	// entries of the audit log.
	ErrWouldLoseData = errors.New("stepping back would lose data")
	// ErrNewerSchema refuses a step back on a schema that a newer release has
	// changed. Only the newer release can undo its steps.
	ErrNewerSchema = errors.New("the database schema is newer than this release")
	// ErrForeignTables refuses to take over the tables of another application. Its text
	// names them and the way to take them over all the same.
	ErrForeignTables = errors.New("the database belongs to another application")
	// ErrEncoding refuses a database that cannot store every character. Its text names
	// the encoding and says how to make another database.
	ErrEncoding = errors.New("the database must have the encoding UTF8")
	// ErrBlocked means that a lock could not be had in time. Its text names the
	// transactions that hold locks.
	ErrBlocked = errors.New("other transactions use the database")
)

// Migrator moves one database between versions of the schema.
type Migrator struct {
	gorm  *gorm.DB
	store database
	steps []step
}

// Report describes a run of Up.
type Report struct {
	// Applied are the steps that this run applied, in order.
	Applied []string
	// Newer are steps in the database that this release does not know, because
	// a newer release has migrated it. That is no error: every step leaves the
	// previous release working.
	Newer []string
	// Adoption describes the older database that was adopted. It is nil if there
	// was no such database.
	Adoption *Adoption
	// RolesWithheld are the roles above user that do not hold, because no mail has confirmed
	// the addresses of their users.
	RolesWithheld []WithheldRole
}

// WithheldRole is a role above user of a user with an unconfirmed address.
type WithheldRole struct{ Role, Email string }

// StepStatus is one step and whether the database has it.
type StepStatus struct {
	ID      string
	Applied bool
	// Known reports whether this release has the step. A newer release may have
	// added others.
	Known bool
}

// New returns a migrator for db, which must be PostgreSQL or SQLite. Errors: any
// other database.
func New(db *gorm.DB) (*Migrator, error) {
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("migrations: reaching the connection pool: %w", err)
	}
	var store database
	switch name := db.Name(); name {
	case "postgres":
		store = postgres{pool}
	case "sqlite":
		store = sqlite{pool}
	default:
		return nil, fmt.Errorf("migrations: no schema for the database %q", name)
	}
	return &Migrator{gorm: db, store: store, steps: allSteps()}, nil
}

// Option changes what Up does.
type Option func(*work)

// AdoptAnyUsers lets Up adopt the users table of any application. Without it, Up adopts
// only a database that has all four tables of the older service.
func AdoptAnyUsers() Option { return func(w *work) { w.adoptAny = true } }

// Up applies every step that the database lacks. If another process is migrating,
// or other transactions use a table that a step changes, it tries again until ctx
// ends, five minutes for each step at most. A step that fails changes nothing; the
// steps before it stay. Errors: *AdoptionError for an older database with users
// that cannot be adopted; ErrForeignTables; ErrEncoding; ErrBlocked; any other names the
// step.
func (m *Migrator) Up(ctx context.Context, options ...Option) (Report, error) {
	var report Report
	applied, err := m.applied(ctx)
	if err != nil {
		return report, err
	}
	if err := m.store.encoded(ctx); err != nil {
		return report, err
	}
	report.Newer = m.unknown(applied)
	for _, s := range m.steps {
		if slices.Contains(applied, s.id) {
			continue
		}
		w, err := m.transact(ctx, func(g *gormigrate.Gormigrate) error { return g.MigrateTo(s.id) }, options...)
		if err != nil {
			return report, fmt.Errorf("migrations: applying %s: %w", s.id, err)
		}
		report.Applied = append(report.Applied, w.ran...)
		if w.adoption != nil {
			report.Adoption = w.adoption
		}
	}
	if report.RolesWithheld, err = m.rolesWithheld(ctx); err != nil {
		return report, fmt.Errorf("migrations: looking for roles of unconfirmed addresses: %w", err)
	}
	return report, nil
}

// rolesWithheld returns the roles above user of users with an unconfirmed address.
func (m *Migrator) rolesWithheld(ctx context.Context) (withheld []WithheldRole, err error) {
	err = patiently(ctx, m.store, func() error {
		rows, err := m.store.pool().QueryContext(ctx, "SELECT role, email FROM users WHERE role <> 'user' AND NOT email_verified ORDER BY email")
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		withheld = nil
		for rows.Next() {
			var one WithheldRole
			if err := rows.Scan(&one.Role, &one.Email); err != nil {
				return err
			}
			withheld = append(withheld, one)
		}
		return rows.Err()
	})
	return withheld, err
}

// Down undoes the newest step and returns its name, which is empty if the database
// has no steps. Undoing the first step brings back the tables of an adopted
// database. Errors: ErrNewerSchema; ErrWouldLoseData if the step back would destroy
// accounts or entries of the audit log; ErrBlocked as in Up.
func (m *Migrator) Down(ctx context.Context) (string, error) {
	applied, err := m.applied(ctx)
	if err != nil || len(applied) == 0 {
		return "", err
	}
	if newer := m.unknown(applied); len(newer) > 0 {
		return "", fmt.Errorf("migrations: %w: use the release that knows %s", ErrNewerSchema, strings.Join(newer, ", "))
	}
	w, err := m.transact(ctx, (*gormigrate.Gormigrate).RollbackLast)
	if err != nil {
		return "", fmt.Errorf("migrations: stepping back: %w", err)
	}
	return strings.Join(w.ran, ", "), nil
}

// Status lists this release's steps in order, then the steps of newer releases
// that the database has. Errors: the database cannot be read.
func (m *Migrator) Status(ctx context.Context) ([]StepStatus, error) {
	applied, err := m.applied(ctx)
	if err != nil {
		return nil, err
	}
	var list []StepStatus
	for _, s := range m.steps {
		list = append(list, StepStatus{ID: s.id, Applied: slices.Contains(applied, s.id), Known: true})
	}
	for _, id := range m.unknown(applied) {
		list = append(list, StepStatus{ID: id, Applied: true})
	}
	return list, nil
}

// Check returns nil if this release can work on the database, whose schema may be
// newer. It only reads. Errors: ErrOutdated; ErrEncoding; any other if the database cannot
// be read.
func (m *Migrator) Check(ctx context.Context) error {
	if err := m.store.encoded(ctx); err != nil {
		return err
	}
	applied, err := m.applied(ctx)
	if err != nil {
		return err
	}
	var missing []string
	for _, s := range m.steps {
		if !slices.Contains(applied, s.id) {
			missing = append(missing, s.id)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf(`%w: it lacks %s; run "auth-service migrate up"`, ErrOutdated, strings.Join(missing, ", "))
	}
	return nil
}

// applied returns the names of the steps that are noted in the database.
func (m *Migrator) applied(ctx context.Context) ([]string, error) {
	var ids []string
	err := patiently(ctx, m.store, func() (err error) {
		ids, err = appliedSteps(ctx, m.store)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("migrations: reading which steps the database has: %w", err)
	}
	return ids, nil
}

// unknown returns the steps among applied that this release does not know.
func (m *Migrator) unknown(applied []string) []string {
	var ids []string
	for _, id := range applied {
		if !slices.ContainsFunc(m.steps, func(s step) bool { return s.id == id }) {
			ids = append(ids, id)
		}
	}
	return ids
}

// transact runs fn on gormigrate in one locked transaction, and again if a lock
// stopped it. It returns the work of the last attempt. ADR 0008 has the reasons for
// a transaction outside of gormigrate.
func (m *Migrator) transact(ctx context.Context, fn func(*gormigrate.Gormigrate) error, options ...Option) (*work, error) {
	var w *work
	err := patiently(ctx, m.store, func() error {
		tx, err := m.store.begin(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // a no-op after the commit
		w = &work{store: m.store, tx: tx}
		for _, option := range options {
			option(w)
		}
		if err := fn(m.gormigrate(ctx, w)); err != nil {
			return err
		}
		return tx.Commit()
	})
	return w, err
}

// gormigrate returns the steps bound to the transaction of w.
func (m *Migrator) gormigrate(ctx context.Context, w *work) *gormigrate.Gormigrate {
	db := m.gorm.Session(&gorm.Session{NewDB: true, Context: ctx, SkipDefaultTransaction: true, Logger: logger.Discard})
	db.Statement.ConnPool = w.tx
	list := make([]*gormigrate.Migration, 0, len(m.steps))
	for _, s := range m.steps {
		list = append(list, &gormigrate.Migration{
			ID:       s.id,
			Migrate:  func(*gorm.DB) error { return w.run(ctx, s.id, s.up) },
			Rollback: func(*gorm.DB) error { return w.run(ctx, s.id, s.down) },
		})
	}
	return gormigrate.New(db, &gormigrate.Options{TableName: stepsTable}, list)
}
