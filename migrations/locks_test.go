package migrations_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/migrations"
)

// hold runs statements in a transaction that stays open until the test ends or
// release is called.
func (d database) hold(t testing.TB, statements ...string) (release func()) {
	t.Helper()
	conn, err := d.pool(t).Conn(t.Context())
	require.NoError(t, err)
	for _, s := range statements {
		_, err = conn.ExecContext(t.Context(), s)
		require.NoError(t, err)
	}
	return func() {
		_, err := conn.ExecContext(context.Background(), "ROLLBACK")
		assert.NoError(t, err)
		assert.NoError(t, conn.Close())
	}
}

// holdMigrationLock takes the lock on migrating as a second migrator does.
func (d database) holdMigrationLock(t testing.TB) (release func()) {
	t.Helper()
	if d.dialect == "postgres" {
		return d.hold(t, "SET application_name = 'another migrator'", "BEGIN", "SELECT pg_advisory_xact_lock(x'61757468'::int, x'6d696772'::int)")
	}
	return d.hold(t, "BEGIN IMMEDIATE")
}

func TestUp_NamesTheProcessThatBlocksIt(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		release := d.holdMigrationLock(t)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := d.migrator(t).Up(ctx)
		require.ErrorIs(t, err, migrations.ErrBlocked)
		if d.dialect == "postgres" {
			assert.ErrorContains(t, err, "another process is migrating")
			assert.ErrorContains(t, err, "another migrator")
		}
		release()
		_, err = d.migrator(t).Up(within(t))
		require.NoError(t, err)
	})
}

// A forgotten transaction of the older service does not make the adoption hang, or the
// requests after it.
func TestAdoption_NamesTheClientOfTheOldTables(t *testing.T) {
	t.Parallel()
	for _, l := range legacies[:2] {
		t.Run(l.file, func(t *testing.T) {
			t.Parallel()
			d := l.load(t)
			release := d.hold(t, "SET application_name = 'old service'", "BEGIN", "SELECT count(*) FROM users")
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			defer cancel()
			_, err := d.migrator(t).Up(ctx)
			require.ErrorIs(t, err, migrations.ErrBlocked)
			assert.ErrorContains(t, err, "old service")
			release()
			report, err := d.migrator(t).Up(within(t))
			require.NoError(t, err)
			assert.Equal(t, 4, report.Adoption.Users)
		})
	}
}
