package growth

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/storecalls"
)

// largest is the number of users that SQLite is measured with.
const largest = 100_000

// TestMeasureSQLite prints times; the tests of the stores assert the plans.
//
//nolint:paralleltest // the measurement needs the machine for itself
func TestMeasureSQLite(t *testing.T) {
	if *sizes == "" {
		return
	}
	var table report
	for _, size := range strings.Split(*sizes, ",") {
		users, err := strconv.Atoi(size)
		require.NoError(t, err)
		if users > largest {
			continue
		}
		f := newSQLite(t, population{users: users, sessions: *sessions, events: *events})
		table.calls = storecalls.All(f.sampleRows(t))
		column := measured{users: users, costs: map[string]cost{}}
		for _, call := range table.calls {
			c := cost{}
			c.err = f.Do(t.Context(), call.Run)
			if c.err == nil {
				c.took = f.time(t, call, 9)
			}
			column.costs[call.Name] = c
		}
		table.columns = append(table.columns, column)
		t.Logf("\n%s", table.markdown())
	}
}

func newSQLite(t *testing.T, p population) filled {
	t.Helper()
	f := open(t, p, "sqlite://"+filepath.Join(t.TempDir(), "growth.db"))
	for _, table := range p.tables() {
		if table.name == "rate_limits" { // SQLite keeps those in memory
			continue
		}
		tx, err := f.db.SQL().BeginTx(t.Context(), nil)
		require.NoError(t, err)
		insert, err := tx.PrepareContext(t.Context(), "INSERT INTO "+table.name+" ("+strings.Join(table.columns, ", ")+ //nolint:gosec // names of this package
			") VALUES (?"+strings.Repeat(", ?", len(table.columns)-1)+")")
		require.NoError(t, err)
		for row := range table.rows {
			for i, value := range row {
				row[i] = sqliteValue(value)
			}
			_, err = insert.ExecContext(t.Context(), row...)
			require.NoError(t, err, table.name)
		}
		require.NoError(t, insert.Close())
		require.NoError(t, tx.Commit())
	}
	_, err := f.db.SQL().ExecContext(context.WithoutCancel(t.Context()), "ANALYZE")
	require.NoError(t, err)
	return f
}

// sqliteValue returns a value as the stores write it to SQLite.
func sqliteValue(value any) any {
	switch v := value.(type) {
	case [16]byte:
		return domain.UserID(v).String()
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.000000Z")
	case bool:
		if v {
			return 1
		}
		return 0
	case []byte:
		return v
	}
	return value
}
