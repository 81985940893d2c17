package races_test

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/jobs"
	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/migrations"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/app"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/races"
)

// S-49, V-01, V-06, V-11, F-A2, F-A19, F-H1, F-H3, F-M1, F-M3, F-M6, F-M7: a check and the change that
// depends on it are one step, whatever other requests do at that moment.
func TestRaces_OnPostgreSQL(t *testing.T) {
	t.Parallel()
	races.Run(t, func(t testing.TB) contract.Stores {
		return open(t, postgrestest.NewDatabaseFrom(t, func(t testing.TB, url string) {
			t.Helper()
			require.NoError(t, migrate(url))
		}))
	})
}

// S-49, V-01, V-06, V-11, F-M7: as on PostgreSQL.
func TestRaces_OnSQLite(t *testing.T) {
	t.Parallel()
	races.Run(t, func(t testing.TB) contract.Stores {
		template, err := migratedFile()
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "test.db")
		require.NoError(t, os.WriteFile(path, template, 0o600))
		return open(t, "sqlite://"+path)
	})
}

// F-M7, among others: as on PostgreSQL.
func TestRaces_InMemory(t *testing.T) {
	t.Parallel()
	races.Run(t, func(testing.TB) contract.Stores {
		adapters := app.InMemory(app.Start)
		return contract.Stores{
			Repositories: adapters.Store.Repositories(),
			Work:         adapters.Store,
			Sightings:    adapters.Store,
			Enqueued:     func(testing.TB) []ports.MailJob { return adapters.Queue.Pending() },
		}
	})
}

// migratedFile is a migrated SQLite database, to be copied.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "races")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite://" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(url string) error {
	ctx := context.Background()
	source, err := database.ParseURL(url)
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, source, database.Options{})
	if err != nil {
		return err
	}
	migrator, err := migrations.New(db.GORM())
	if err != nil {
		return err
	}
	if _, err := migrator.Up(ctx); err != nil {
		return err
	}
	return db.Close()
}

// open opens a migrated database, with the durable queue in its transactions.
func open(t testing.TB, url string) contract.Stores {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	source, err := database.ParseURL(url)
	require.NoError(t, err)
	db, err := database.Open(t.Context(), source, database.Options{Logger: logger})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	queue, err := jobs.New(db.SQL(), string(db.Dialect()), jobs.Options{Logger: logger, Clock: system.Clock{}})
	require.NoError(t, err)
	stores, sightings := database.NewStores(db, queue, func(text string) [32]byte { return sha256.Sum256([]byte(text)) }), database.NewSightings(db, logger)
	t.Cleanup(sightings.Close)
	return contract.Stores{
		Repositories: stores.Repositories(),
		Work:         stores,
		Sightings:    sightings,
		Enqueued:     func(t testing.TB) []ports.MailJob { return enqueued(t, db) },
	}
}

// enqueued reads the table of the queue.
func enqueued(t testing.TB, db *database.DB) []ports.MailJob {
	t.Helper()
	text := "args::text"
	if db.Dialect() == database.SQLite {
		text = "json(args)"
	}
	rows, err := db.SQL().QueryContext(t.Context(), "SELECT "+text+" FROM river_job ORDER BY id")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var all []ports.MailJob
	for rows.Next() {
		var args []byte
		require.NoError(t, rows.Scan(&args))
		job, err := jobs.ReadMail(args)
		require.NoError(t, err)
		all = append(all, job)
	}
	require.NoError(t, rows.Err())
	return all
}
