package growth

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/database/sent"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/migrations"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/storecalls"
)

// filled is a database with a population.
type filled struct {
	population
	*database.Stores
	db   *database.DB
	url  string
	sent *sent.Statements
	// indexesOf is how many indexes each table has.
	indexesOf map[string]float64
}

// noJobs is the queue of calls that store no job.
type noJobs struct{ ports.Jobs }

func (q noJobs) InTx(*sql.Tx) ports.Jobs { return q }

func hashOf(text string) [32]byte { return sha256.Sum256([]byte("a key\x00" + text)) }

func open(t *testing.T, p population, url string) filled {
	t.Helper()
	source, err := database.ParseURL(url)
	require.NoError(t, err)
	db, err := database.Open(t.Context(), source, database.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	migrator, err := migrations.New(db.GORM())
	require.NoError(t, err)
	_, err = migrator.Up(t.Context())
	require.NoError(t, err)
	watched, err := sent.Watch(db.GORM())
	require.NoError(t, err)
	return filled{population: p, Stores: database.NewStores(db, noJobs{}, hashOf), db: db, url: url, sent: watched}
}

// newPostgreSQL returns a filled database that has been vacuumed.
func newPostgreSQL(t *testing.T, p population) filled {
	t.Helper()
	f := open(t, p, postgrestest.NewDatabase(t))
	started := time.Now()
	conn, err := pgx.Connect(t.Context(), f.url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	// Indexes are made after the rows, and foreign keys are not checked: both would take
	// most of the time.
	_, err = conn.Exec(t.Context(), "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
	require.NoError(t, err)
	for _, table := range p.tables() {
		restore := dropIndexes(t, conn, table.name)
		next, stop := iter.Pull(table.rows)
		_, err = conn.CopyFrom(t.Context(), pgx.Identifier{table.name}, table.columns, pgx.CopyFromFunc(func() ([]any, error) {
			row, _ := next()
			return row, nil // no row ends the copy
		}))
		stop()
		require.NoError(t, err, table.name)
		for _, statement := range restore {
			_, err = conn.Exec(t.Context(), statement)
			require.NoError(t, err)
		}
		_, err = conn.Exec(t.Context(), "VACUUM (ANALYZE) "+table.name)
		require.NoError(t, err)
	}
	rows, err := conn.Query(t.Context(), "SELECT relname, count(*) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid GROUP BY relname")
	require.NoError(t, err)
	f.indexesOf = map[string]float64{}
	var name string
	var count int
	_, err = pgx.ForEachRow(rows, []any{&name, &count}, func() error {
		f.indexesOf[name] = float64(count)
		return nil
	})
	require.NoError(t, err)
	t.Logf("%d users filled in %v", p.users, time.Since(started).Round(time.Second))
	return f
}

// dropIndexes drops the indexes of a table that belong to no constraint. It returns the
// statements that make them.
func dropIndexes(t *testing.T, conn *pgx.Conn, table string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
		WHERE indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`, table)
	require.NoError(t, err)
	type index struct{ Name, Definition string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[index])
	require.NoError(t, err)
	var restore []string
	for _, i := range indexes {
		restore = append(restore, i.Definition)
		_, err = conn.Exec(t.Context(), "DROP INDEX "+i.Name)
		require.NoError(t, err)
	}
	return restore
}

// sample returns the rows that the calls are about, in the middle of the population.
func (f filled) sampleRows(t *testing.T) storecalls.Sample {
	t.Helper()
	u := f.person(f.sample())
	var session string
	require.NoError(t, f.db.GORM().WithContext(t.Context()).
		Raw("SELECT id FROM user_sessions WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY id LIMIT 1", u.id.String(), now.Format(time.RFC3339Nano)).Row().Scan(&session))
	id, err := domain.ParseSessionID(session)
	require.NoError(t, err)
	f.sent.Take()
	return storecalls.Sample{
		Session: id, Prefix: "m", Domain: "example.com", Part: fmt.Sprintf(".%d@", f.sample()), Now: now, Created: u.createdAt, Occurred: now.Add(-year / 2),
		UserAt:  ports.UserKey{ID: u.id, Email: u.email, CreatedAt: u.createdAt},
		EventAt: ports.AuditKey{At: now.Add(-year / 20), ID: domain.EventID(idAt(now.Add(-year/20), 1))},
		Ended:   now, Kept: now.Add(-year / 2), Pending: now.Add(-absolute), Batch: batch,
	}
}
