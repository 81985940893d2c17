package database

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// aRow holds one column of each type that columns read, and NULL where it may be.
type aRow struct {
	id      rowID
	number  int64
	text    string
	yes     bool
	at      timestamp
	never   timestamp
	hash    secretHash
	no      secretHash
	before  timestamp
	nothing string
}

const selectARow = `SELECT '0198a7f2-0000-7000-8000-00000000000a'::uuid, (-9223372036854775808)::bigint, 'é "x"'::text, true,
 '2026-11-30 12:34:56.789012+00'::timestamptz, NULL::timestamptz, decode(repeat('ab', 32), 'hex'), NULL::bytea,
 '1969-12-31 23:59:59.999999+00'::timestamptz, ''::text`

func (r *aRow) columns() columns {
	return columns{&r.id, &r.number, &r.text, &r.yes, &r.at, &r.never, &r.hash, &r.no, &r.before, &r.nothing}
}

func connect(t *testing.T, mode pgx.QueryExecMode) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(postgrestest.NewDatabase(t))
	require.NoError(t, err)
	config.DefaultQueryExecMode = mode
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// Columns read the same values as pgx, in both forms of the protocol.
func TestColumns_ReadAsPgxDoes(t *testing.T) {
	t.Parallel()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeSimpleProtocol} {
		conn := connect(t, mode)
		var want, got aRow
		want.never.time, got.never.time = time.Now(), time.Now() // NULL must overwrite it
		require.NoError(t, conn.QueryRow(t.Context(), selectARow).Scan(want.columns()...))
		require.NoError(t, conn.QueryRow(t.Context(), selectARow).Scan(got.columns()))
		assert.Equal(t, want, got, mode)
		assert.Equal(t, "2026-11-30T12:34:56.789012Z", got.at.time.Format(time.RFC3339Nano))
		assert.Equal(t, "1969-12-31T23:59:59.999999Z", got.before.time.Format(time.RFC3339Nano))
		assert.True(t, got.never.time.IsZero())
	}
}

// Columns refuse every value that pgx refuses.
func TestColumns_RefuseWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgx.QueryExecModeCacheStatement)
	var row aRow
	for query, into := range map[string]columns{
		"SELECT NULL::bigint": {&row.number},
		"SELECT NULL::text":   {&row.text},
		"SELECT NULL::uuid":   {&row.id},
		"SELECT '00000000-0000-0000-0000-000000000000'::uuid": {&row.id},
		"SELECT NULL::boolean":                                {&row.yes},
		"SELECT 'infinity'::timestamptz":                      {&row.at},
		"SELECT '\\x00'::bytea":                               {&row.hash},
		"SELECT 1::bigint, 2::bigint":                         {&row.number},
		"SELECT 'text'::text":                                 {&row.number},
	} {
		err := conn.QueryRow(t.Context(), query).Scan(into)
		require.Error(t, err, query)
		require.Error(t, conn.QueryRow(t.Context(), query).Scan(into...), query)
	}
}

// A row costs one allocation for its text, and pgx one for the descriptions of its columns.
//
//nolint:paralleltest // other tests' allocations would count
func TestColumns_AllocateOnlyTexts(t *testing.T) {
	var row aRow
	into := row.columns()
	rows, err := connect(t, pgx.QueryExecModeCacheStatement).Query(t.Context(), selectARow)
	require.NoError(t, err)
	defer rows.Close()
	require.True(t, rows.Next())
	require.NoError(t, into.ScanRow(rows))
	assert.LessOrEqual(t, testing.AllocsPerRun(10, func() { _ = into.ScanRow(rows) }), 2.0)
}
