package database_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/migrations"
	"github.com/seed543b3b27/auth-service/test/kit/pgbouncertest"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// Migrating through a pooler is safe, although a direct connection is better:
// lock and settings belong to the transaction.
func TestPgBouncer_MigratorsTakeTurns(t *testing.T) {
	t.Parallel()
	address := postgrestest.NewDatabase(t)
	bouncer := pgbouncertest.Start(t, address, pgbouncertest.Options{PoolSize: 2})
	const replicas = 4
	reports, errs := make([]migrations.Report, replicas), make([]error, replicas)
	var done sync.WaitGroup
	for i := range replicas {
		f := open(t, bouncer.URL(address), database.Options{ConnectTimeout: 30 * time.Second})
		migrator, err := migrations.New(f.db.GORM())
		require.NoError(t, err)
		done.Go(func() { reports[i], errs[i] = migrator.Up(context.Background()) })
	}
	done.Wait()
	var applied []string
	for i := range replicas {
		require.NoError(t, errs[i])
		applied = append(applied, reports[i].Applied...)
	}
	slices.Sort(applied)
	direct := open(t, address, database.Options{})
	assert.Equal(t, direct.strings(t, "SELECT id FROM schema_migrations ORDER BY id"), applied, "each step was applied once")
	migrator, err := migrations.New(direct.db.GORM())
	require.NoError(t, err)
	require.NoError(t, migrator.Check(t.Context()))
	assert.Equal(t, []string{"0"}, direct.strings(t, "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
}
