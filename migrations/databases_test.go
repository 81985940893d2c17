package migrations_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/seed543b3b27/auth-service/migrations"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// database is an empty database that can be opened more than once.
type database struct {
	dialect, dsn string
}

// onBoth runs a test on a fresh database of each kind.
func onBoth(t *testing.T, test func(t *testing.T, d database)) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			test(t, newDatabase(t, dialect))
		})
	}
}

func newDatabase(t testing.TB, dialect string) database {
	t.Helper()
	if dialect == "postgres" {
		return database{dialect, postgrestest.NewDatabase(t)}
	}
	d := database{dialect, filepath.Join(t.TempDir(), "auth.db") +
		"?_pragma=journal_mode(wal)&_pragma=foreign_keys(1)&_pragma=busy_timeout(1000)"}
	// The file has its journal mode before processes share it: SQLite does not let them
	// wait for each other to change it. adapters/database tries again instead.
	d.open(t)
	return d
}

// open returns a new connection pool, as another process has.
func (d database) open(t testing.TB) *gorm.DB {
	t.Helper()
	db, err := d.connect()
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { _ = pool.Close() })
	return db
}

func (d database) connect() (*gorm.DB, error) {
	dialector := sqlite.Open(d.dsn)
	if d.dialect == "postgres" {
		dialector = postgres.Open(d.dsn)
	}
	return gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
}

func (d database) migrator(t testing.TB) *migrations.Migrator {
	t.Helper()
	m, err := migrations.New(d.open(t))
	require.NoError(t, err)
	return m
}

// downTo undoes steps until the named one is the newest.
func (d database) downTo(t testing.TB, m *migrations.Migrator, step string) {
	t.Helper()
	for range len(everyStep) - 1 - slices.Index(everyStep, step) {
		_, err := m.Down(within(t))
		require.NoError(t, err)
	}
	require.Equal(t, step, d.text(t, "SELECT max(id) FROM schema_migrations WHERE id LIKE '0%'"))
}

// pool returns a plain connection pool.
func (d database) pool(t testing.TB) *sql.DB {
	t.Helper()
	pool, err := d.open(t).DB()
	require.NoError(t, err)
	return pool
}

// exec runs statements without arguments. Like text it closes its connection at
// once: the server has 100 for all tests.
func (d database) exec(t testing.TB, query string) {
	t.Helper()
	pool := d.pool(t)
	defer func() { _ = pool.Close() }()
	_, err := pool.ExecContext(t.Context(), query)
	require.NoError(t, err)
}

// text returns the first column of the first row as text.
func (d database) text(t testing.TB, query string) string {
	t.Helper()
	pool := d.pool(t)
	defer func() { _ = pool.Close() }()
	var s string
	require.NoError(t, pool.QueryRowContext(t.Context(), query).Scan(&s))
	return s
}

// schema describes every object of the database, for comparing.
func (d database) schema(t testing.TB) []string {
	t.Helper()
	query := `SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || coalesce(sql, '') FROM sqlite_master ORDER BY 1`
	if d.dialect == "postgres" {
		query = `
			SELECT format('index %s: %s', indexname, indexdef) FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
				FROM pg_constraint WHERE connamespace = 'public'::regnamespace
			UNION ALL SELECT format('column %s.%s %s %s %s %s', table_name, column_name, data_type, collation_name, is_nullable, column_default)
				FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL SELECT format('%s %s', relkind, relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace
			UNION ALL SELECT format('type %s', typname) FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
			UNION ALL SELECT format('function %s', proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
				AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
			UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
			ORDER BY 1`
	}
	rows, err := d.pool(t).QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		list = append(list, s)
	}
	require.NoError(t, rows.Err())
	return list
}

// within returns a context with a limit far above the time that a test needs, so
// that it cannot hang.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
