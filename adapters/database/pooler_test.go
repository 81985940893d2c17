package database_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/pgbouncertest"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// clientConns is more than the number of server connections that PgBouncer has.
const clientConns = 20

// bounced opens a migrated database through a PgBouncer with a small pool.
func bounced(t testing.TB, parameters string, options pgbouncertest.Options) fixture {
	t.Helper()
	address := postgrestest.NewDatabaseFrom(t, migrate)
	bouncer := pgbouncertest.Start(t, address, options)
	return open(t, bouncer.URL(address)+parameters, database.Options{MaxOpenConns: clientConns})
}

// shared is one PgBouncer before the server of all tests, with a pool of four for
// each database.
var shared struct {
	once    sync.Once
	bouncer *pgbouncertest.Bouncer
	err     error
}

// newBounced returns a database behind a pooler set up as in docs/postgresql.md.
// Tests that share two cores may connect slowly.
func newBounced(t testing.TB) fixture {
	t.Helper()
	address := postgrestest.NewDatabaseFrom(t, migrate)
	shared.once.Do(func() { shared.bouncer, shared.err = pgbouncertest.Run(address, pgbouncertest.Options{PoolSize: 4}) })
	require.NoError(t, shared.err)
	return open(t, shared.bouncer.URL(address), database.Options{MaxOpenConns: clientConns, ConnectTimeout: 30 * time.Second})
}

func TestPgBouncer_StoresKeepTheContract(t *testing.T) {
	t.Parallel()
	contract.RunStores(t, func(t testing.TB) contract.Stores {
		t.Helper()
		f := newBounced(t)
		return contract.Stores{Repositories: f.Repositories(), Work: f.Stores, Sightings: f.sightings(t), Enqueued: f.queue.enqueued}
	})
}

// prepared counts the prepared statements of a server connection.
const prepared = "SELECT count(*)::text FROM pg_prepared_statements"

func TestPgBouncer_NothingIsPreparedThere(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"transaction", "session"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			f := bounced(t, "", pgbouncertest.Options{Mode: mode, PoolSize: 1})
			for _, email := range []string{"ada@example.com", "bob@example.com"} {
				addUser(t, f, email)
			}
			assert.Equal(t, []string{"0"}, f.strings(t, prepared))
		})
	}
}

// The control: without a pooler statements are prepared, so this suite would fail
// if the service did the same behind one.
func TestPostgreSQL_StatementsArePreparedOnce(t *testing.T) {
	t.Parallel()
	f := open(t, postgrestest.NewDatabaseFrom(t, migrate), database.Options{MaxOpenConns: 1})
	addUser(t, f, "ada@example.com")
	assert.NotEqual(t, []string{"0"}, f.strings(t, prepared))
}

// The other control: prepared statements do break behind this pooler.
func TestPgBouncer_PreparedStatementsOfOthersBreak(t *testing.T) {
	t.Parallel()
	address := postgrestest.NewDatabase(t)
	bouncer := pgbouncertest.Start(t, address, pgbouncertest.Options{PoolSize: 1})
	var errs []error
	for range 2 {
		client, err := pgx.Connect(t.Context(), bouncer.URL(address))
		require.NoError(t, err)
		t.Cleanup(func() { _ = client.Close(context.Background()) })
		_, err = client.Exec(t.Context(), "SELECT $1::int", 1)
		errs = append(errs, err)
	}
	require.NoError(t, errs[0])
	assert.ErrorContains(t, errs[1], "already exists")
}

func TestPgBouncer_StatementModeIsRefused(t *testing.T) {
	t.Parallel()
	f := bounced(t, "", pgbouncertest.Options{Mode: "statement"})
	err := f.db.Ping(t.Context())
	require.ErrorIs(t, err, domain.ErrUnavailable)
	assert.ErrorContains(t, err, "pool_mode = transaction")
}

func TestPgBouncer_SettingsOfTheSessionAreRefusedByName(t *testing.T) {
	t.Parallel()
	f := bounced(t, "&statement_timeout=1000", pgbouncertest.Options{})
	err := f.db.Ping(t.Context())
	require.ErrorIs(t, err, domain.ErrUnavailable)
	assert.ErrorContains(t, err, "unsupported startup parameter: statement_timeout")
}

func TestPgBouncer_TheServerSeesTheServicesName(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"auth-service"}, newBounced(t).strings(t, "SELECT current_setting('application_name')"))
}
