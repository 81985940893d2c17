package database_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestSQLite_CreatesItsFileForTheOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "da?ta %", "deeper")
	path := filepath.Join(dir, "auth#1.db")
	db := openFile(t, path)
	_, err := db.SQL().ExecContext(t.Context(), "CREATE TABLE things (id INTEGER)")
	require.NoError(t, err)
	for name, mode := range map[string]os.FileMode{dir: 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode().Perm(), name)
	}
	require.NoError(t, db.Close())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "a closed database leaves only its file")
}

func openFile(t *testing.T, path string) *database.DB {
	t.Helper()
	source, err := database.ParseURL("sqlite:" + escape(path))
	require.NoError(t, err)
	db, err := database.Open(t.Context(), source, database.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// a commit is on disk when it returns.
func TestSQLite_IsSafeByItsSettings(t *testing.T) {
	t.Parallel()
	f := newSQLite(t)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1",
	} {
		var got string
		require.NoError(t, f.db.SQL().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		assert.Equal(t, want, got, pragma)
	}
	err := f.db.Reader().WithContext(t.Context()).Exec("DELETE FROM users").Error
	require.ErrorContains(t, err, "readonly")
}

// an unreadable file is not replaced by a new database.
func TestSQLite_RefusesAFileThatIsNotADatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "auth.db")
	content := []byte("This is a letter and no database, although it lies where one is expected to lie.\n")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	source, err := database.ParseURL("sqlite:" + path)
	require.NoError(t, err)
	_, err = database.Open(t.Context(), source, database.Options{})
	require.ErrorContains(t, err, "not a database")
	require.ErrorContains(t, err, path)
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, content, now)
}

// while another process holds the lock, writes wait for it and reads do
// not.
func TestSQLite_WaitsForAnotherProcessAsLongAsItsDeadline(t *testing.T) {
	t.Parallel()
	f := newSQLite(t)
	user := addUser(t, f, "ada@example.com")
	other := open(t, f.url, database.Options{}) // plays the other process
	tx, err := other.db.SQL().BeginTx(t.Context(), nil)
	require.NoError(t, err)

	_, err = f.Repositories().Users.ByID(t.Context(), user.ID())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, f.Repositories().Users.Add(ctx, newUser(t, "late@example.com")), domain.ErrUnavailable)

	var done sync.WaitGroup
	errs := make([]error, 2)
	done.Go(func() { errs[0] = f.Repositories().Users.Add(t.Context(), newUser(t, "bob@example.com")) })
	done.Go(func() {
		errs[1] = f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			return r.Users.Add(ctx, newUser(t, "eve@example.com"))
		})
	})
	require.NoError(t, tx.Rollback())
	done.Wait()
	require.NoError(t, errs[0])
	require.NoError(t, errs[1])
}
