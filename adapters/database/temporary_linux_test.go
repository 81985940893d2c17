package database_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// temporaryFiles counts the open files of this process that have no name any more, as
// SQLite's for a sort.
func temporaryFiles(t *testing.T) int {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	require.NoError(t, err)
	n := 0
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasSuffix(target, " (deleted)") {
			n++
		}
	}
	return n
}

// sortMany sorts more rows than SQLite keeps in its cache, and returns the number of
// temporary files that are open meanwhile.
func sortMany(t *testing.T, db *sql.DB) int {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		SELECT i FROM n ORDER BY hex(i * 7919 % 500009) || 'a text that makes the row longer than the cache bears'`)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	require.True(t, rows.Next())
	require.NoError(t, rows.Err())
	return temporaryFiles(t)
}

// F-A22: SQLite needs no folder for temporary files, however many users there are. This
// test counts files of the whole process, so it does not run beside others.
func TestSQLite_MakesNoTemporaryFiles(t *testing.T) { //nolint:paralleltest // see above
	plain, err := sql.Open(sqlite.DriverName, "file:"+filepath.Join(t.TempDir(), "plain.db"))
	require.NoError(t, err)
	defer func() { require.NoError(t, plain.Close()) }()
	require.Positive(t, sortMany(t, plain), "the test can find such files")

	f := newSQLite(t)
	for _, pool := range f.db.Pools() {
		assert.Zero(t, sortMany(t, pool))
	}
}
