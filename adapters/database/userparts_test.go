package database_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Without the extension there is no index, and the search says so instead of reading all users.
func TestUsers_RefuseSearchesOfPartsWithoutTheIndex(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	addUser(t, f, "ada@example.com")
	q := ports.UserQuery{Limit: 10, Order: ports.EmailUp, EmailPart: "ada@"}
	page, err := f.Repositories().Users.List(t.Context(), q)
	require.NoError(t, err)
	assert.Len(t, page.Rows, 1)
	_, err = f.db.SQL().ExecContext(t.Context(), "DROP INDEX users_email_parts_idx")
	require.NoError(t, err)
	_, err = f.Repositories().Users.List(t.Context(), q)
	require.ErrorIs(t, err, domain.ErrInvalidParameter)
	assert.Contains(t, err.Error(), "pg_trgm")
	q.EmailPart = ""
	_, err = f.Repositories().Users.List(t.Context(), q)
	require.NoError(t, err)
}

// A failed or unfinished CREATE INDEX CONCURRENTLY leaves an index that no search uses.
func TestUsers_RefuseSearchesOfPartsByAnIndexThatIsNotComplete(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	addUser(t, f, "ada@example.com")
	_, err := f.db.SQL().ExecContext(t.Context(), "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_email_parts_idx'::regclass")
	require.NoError(t, err)
	_, err = f.Repositories().Users.List(t.Context(), ports.UserQuery{Limit: 10, Order: ports.EmailUp, EmailPart: "ada@"})
	require.ErrorIs(t, err, domain.ErrInvalidParameter)
	assert.Contains(t, err.Error(), "pg_trgm")
}
