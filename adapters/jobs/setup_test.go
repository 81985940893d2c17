package jobs

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

func TestMain(m *testing.M) {
	if source := childDatabase(); source != nil {
		beKilledWhileDelivering(source)
	}
	goleak.VerifyTestMain(m)
}

// source is a database with River's tables.
type source struct{ dialect, driver, url string }

// kinds are the databases on which each test runs.
var kinds = []string{"sqlite", "postgres"}

// newSource returns a fresh database.
func newSource(t testing.TB, kind string) source {
	t.Helper()
	if kind == "postgres" {
		return source{kind, "pgx", postgrestest.NewDatabaseFrom(t, migratePostgres)}
	}
	file := filepath.Join(t.TempDir(), "jobs.db")
	db := source{kind, "sqlite", "file:" + file + "?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_txlock=immediate"}
	migrate(t, riversqlite.New(db.open(t)))
	return db
}

func migratePostgres(t testing.TB, url string) {
	t.Helper()
	pool, err := sql.Open("pgx", url)
	require.NoError(t, err)
	migrate(t, riverdatabasesql.New(pool))
	require.NoError(t, pool.Close())
}

func migrate(t testing.TB, driver riverdriver.Driver[*sql.Tx]) {
	t.Helper()
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	_, err = migrator.Migrate(context.Background(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
}

// connect opens a pool as the service does: with one connection for SQLite.
func (s source) connect() (*sql.DB, error) {
	pool, err := sql.Open(s.driver, s.url)
	if err == nil && s.dialect == "sqlite" {
		pool.SetMaxOpenConns(1)
	}
	return pool, err
}

func (s source) open(t testing.TB) *sql.DB {
	t.Helper()
	pool, err := s.connect()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return pool
}

// bench is a queue with its database, log and journal.
type bench struct {
	*Queue
	db   *sql.DB
	logs *lines
}

func newBench(t testing.TB, db source) *bench {
	t.Helper()
	logs := &lines{}
	pool := db.open(t)
	queue, err := New(pool, db.dialect, Options{Logger: slog.New(slog.NewJSONHandler(logs, nil)), Clock: wallClock{}})
	require.NoError(t, err)
	queue.pace.poll = 20 * time.Millisecond
	queue.pace.firstPause = 20 * time.Millisecond
	return &bench{Queue: queue, db: pool, logs: logs}
}

// start runs the queue with deliver until the test ends.
func (b *bench) start(t testing.TB, deliver deliverFunc) {
	t.Helper()
	require.NoError(t, b.Start(t.Context(), deliver, cleanUpFunc(noCleanUp)))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, b.Stop(ctx))
	})
}

// states returns the states of all mail rows in the order of their ids.
func (b *bench) states(t testing.TB) []string {
	t.Helper()
	return query(t, b.db, "SELECT state FROM river_job WHERE kind = 'mail' ORDER BY id")
}

func query(t testing.TB, db *sql.DB, statement string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), statement)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	values := []string{}
	for rows.Next() {
		var value string
		require.NoError(t, rows.Scan(&value))
		values = append(values, value)
	}
	require.NoError(t, rows.Err())
	return values
}

// eventually polls until holds returns true. On timeout it fails with what.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, 20*time.Second, 10*time.Millisecond, what)
}

// tokenMail returns a job like those the service stores.
func tokenMail(n byte) ports.MailJob {
	now := wallClock{}.Now()
	return ports.MailJob{
		Mail: domain.MailVerifyEmail, TokenID: domain.TokenID{n},
		AcceptedAt: now, ExpiresAt: now.Add(24 * time.Hour),
	}
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

type deliverFunc func(context.Context, ports.MailJob) error

func (f deliverFunc) Execute(ctx context.Context, job ports.MailJob) (ports.None, error) {
	return ports.None{}, f(ctx, job)
}

type cleanUpFunc func(context.Context) (ports.CleanUpResult, error)

func (f cleanUpFunc) Execute(ctx context.Context, _ ports.CleanUpCommand) (ports.CleanUpResult, error) {
	return f(ctx)
}

func noCleanUp(context.Context) (ports.CleanUpResult, error) { return ports.CleanUpResult{}, nil }

// journal counts deliveries.
type journal struct {
	mu   sync.Mutex
	jobs []ports.MailJob
}

func (j *journal) note(job ports.MailJob) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.jobs = append(j.jobs, job)
}

// of returns how often the job of a token was delivered.
func (j *journal) of(id domain.TokenID) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, job := range j.jobs {
		if job.TokenID == id {
			n++
		}
	}
	return n
}

// lines collects a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
