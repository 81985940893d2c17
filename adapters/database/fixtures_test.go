package database_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/migrations"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// fixture is an open, migrated database with a job queue.
type fixture struct {
	*database.Stores
	db    *database.DB
	queue *tableQueue
	url   string
}

// dialects are the databases under test; each factory returns an empty one.
var dialects = map[database.Dialect]func(t testing.TB) fixture{
	database.PostgreSQL: newPostgreSQL,
	database.SQLite:     newSQLite,
}

func newPostgreSQL(t testing.TB) fixture {
	t.Helper()
	return open(t, postgrestest.NewDatabaseFrom(t, migrate), database.Options{})
}

// newSQLite copies a migrated file that is made once.
func newSQLite(t testing.TB) fixture {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	template, err := migratedFile()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, template, 0o600))
	return open(t, "sqlite://"+escape(path), database.Options{})
}

func open(t testing.TB, address string, options database.Options) fixture {
	t.Helper()
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	source, err := database.ParseURL(address)
	require.NoError(t, err)
	db, err := database.Open(t.Context(), source, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	queue := &tableQueue{db.SQL()}
	return fixture{Stores: database.NewStores(db, queue, hashOf), db: db, queue: queue, url: address}
}

// hashOf stands for the keyed hash of the service.
func hashOf(text string) [32]byte { return sha256.Sum256([]byte("a key\x00" + text)) }

// sightings returns marks of the fixture, which end with the test.
func (f fixture) sightings(t testing.TB) *database.Sightings {
	t.Helper()
	sightings := database.NewSightings(f.db, slog.New(slog.DiscardHandler))
	t.Cleanup(sightings.Close)
	return sightings
}

// migrate fills PostgreSQL's template.
func migrate(t testing.TB, address string) {
	t.Helper()
	require.NoError(t, prepare(t.Context(), address))
}

// prepare migrates a database and adds the table of tableQueue.
func prepare(ctx context.Context, address string) error {
	source, err := database.ParseURL(address)
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, source, database.Options{})
	if err != nil {
		return err
	}
	migrator, err := migrations.New(db.GORM())
	if err == nil {
		_, err = migrator.Up(ctx)
	}
	if err == nil {
		_, err = db.SQL().ExecContext(ctx, "CREATE TABLE test_jobs (position bigint NOT NULL, job text NOT NULL)")
	}
	if err != nil {
		return err
	}
	return db.Close()
}

// tableQueue is a minimal job queue in a database table.
type tableQueue struct {
	db interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	}
}

var _ database.JobQueue = (*tableQueue)(nil)

func (q *tableQueue) InTx(tx *sql.Tx) ports.Jobs { return &tableQueue{tx} }

func (q *tableQueue) Enqueue(ctx context.Context, job ports.MailJob) error {
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	_, err = q.db.ExecContext(ctx, "INSERT INTO test_jobs SELECT count(*), $1 FROM test_jobs", string(text))
	return err
}

func (q *tableQueue) enqueued(t testing.TB) []ports.MailJob {
	t.Helper()
	rows, err := q.db.QueryContext(t.Context(), "SELECT job FROM test_jobs ORDER BY position")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var jobs []ports.MailJob
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		var job ports.MailJob
		require.NoError(t, json.Unmarshal([]byte(text), &job))
		jobs = append(jobs, job)
	}
	require.NoError(t, rows.Err())
	return jobs
}

// newID returns a random UUID of version 7.
func newID() (id [16]byte) {
	_, _ = rand.Read(id[:]) // never returns an error
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// start is the time at which every test begins.
var start = time.Date(2026, time.March, 4, 5, 6, 7, 891_011_000, time.UTC)

// lives are how long sessions last by default.
var lives = domain.SessionLives{Idle: 7 * 24 * time.Hour, Absolute: 30 * 24 * time.Hour, Grace: 10 * time.Second}

func newUser(t testing.TB, address string) *domain.User {
	t.Helper()
	email, err := domain.ParseEmail(address)
	require.NoError(t, err)
	return domain.NewUser(newID(), email, domain.NewPasswordHash("hash of "+address), domain.RoleUser, start)
}

// addUser stores a new user.
func addUser(t testing.TB, f fixture, address string) *domain.User {
	t.Helper()
	user := newUser(t, address)
	require.NoError(t, f.Repositories().Users.Add(t.Context(), user))
	return user
}

// addSession stores a new session of user.
func addSession(t testing.TB, f fixture, user *domain.User) *domain.Session {
	t.Helper()
	session := domain.StartSession(newID(), user, domain.Proofs{domain.ProofByPassword(start)}, domain.Client{IP: "192.0.2.7", UserAgent: "Browser/1.0"}, lives, start)
	added, err := f.Repositories().Sessions.Add(t.Context(), session, 1000)
	require.NoError(t, err)
	require.True(t, added)
	return session
}

// escape percent-encodes a path for a URL.
func escape(path string) string { return (&url.URL{Path: path}).EscapedPath() }
