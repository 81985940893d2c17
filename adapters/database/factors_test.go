package database_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// A factor that is confirmed while the clean-up waits for its row stays.
func TestDeletePending_SparesAFactorThatIsConfirmedMeanwhile(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	user := addUser(t, f, "ada@example.com")
	factor := domain.NewFactor(newID(), user.ID(), "Phone", "k1", "sealed", start)
	require.NoError(t, f.Repositories().Factors.Add(t.Context(), factor))
	tx, err := f.db.SQL().BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(t.Context(), "UPDATE user_factors SET confirmed_at = created_at, version = 2")
	require.NoError(t, err)

	removed := make(chan int, 1)
	go func() {
		n, err := f.Repositories().Factors.DeletePending(t.Context(), start.Add(time.Hour), 10)
		assert.NoError(t, err)
		removed <- n
	}()
	program.Eventually(t, "the clean-up waits for the row", func() bool {
		var waiting int
		require.NoError(t, f.db.SQL().QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'DELETE FROM user_factors%'`).Scan(&waiting))
		return waiting == 1
	})
	require.NoError(t, tx.Commit())
	assert.Zero(t, <-removed)
	all, err := f.Repositories().Factors.ByUser(t.Context(), user.ID())
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.True(t, all[0].IsConfirmed())
}
