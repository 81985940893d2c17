package database_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// pid selects the process id of the server behind the connection in use.
const pid = "SELECT pg_backend_pid()::text"

func TestPostgreSQL_AConnectionThatCannotWriteIsLeftAtOnce(t *testing.T) {
	t.Parallel()
	f := open(t, postgrestest.NewDatabaseFrom(t, migrate), database.Options{MaxOpenConns: 1})
	addUser(t, f, "ada@example.com")
	kept := f.strings(t, pid)
	require.ErrorIs(t, f.Repositories().Users.Add(t.Context(), newUser(t, "ada@example.com")), domain.ErrEmailTaken)
	assert.Equal(t, kept, f.strings(t, pid), "the control: other refusals keep it")

	_, err := f.db.SQL().ExecContext(t.Context(), "SET default_transaction_read_only = on") // for this connection
	require.NoError(t, err)
	require.ErrorIs(t, f.Repositories().Users.Add(t.Context(), newUser(t, "bob@example.com")), domain.ErrUnavailable)
	require.NoError(t, f.Repositories().Users.Add(t.Context(), newUser(t, "bob@example.com")))
	assert.NotEqual(t, kept, f.strings(t, pid))
}

func TestPostgreSQL_OneLostConnectionIsEnoughForAll(t *testing.T) {
	t.Parallel()
	f := open(t, postgrestest.NewDatabaseFrom(t, migrate), database.Options{MaxOpenConns: 2})
	first, err := f.db.SQL().Conn(t.Context())
	require.NoError(t, err)
	second, err := f.db.SQL().Conn(t.Context())
	require.NoError(t, err)
	var before, after string
	require.NoError(t, second.QueryRowContext(t.Context(), pid).Scan(&before))
	_, err = first.ExecContext(t.Context(), "SELECT pg_terminate_backend(pg_backend_pid())")
	require.Error(t, err)
	require.NoError(t, second.Close()) // returns it to the pool in working order
	require.NoError(t, f.db.SQL().QueryRowContext(t.Context(), pid).Scan(&after))
	assert.NotEqual(t, before, after)
	_ = first.Close() // it is gone
}
