package migrations_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// partsIndex counts PostgreSQL's index of the parts of addresses.
const partsIndex = "SELECT count(*) FROM pg_indexes WHERE indexname = 'users_email_parts_idx'"

// asRole is a database that a role without rights connects to.
type asRole struct {
	database
	role string
}

// withRole makes a role, which ends with the test.
func (d database) withRole(t *testing.T) asRole {
	t.Helper()
	role := fmt.Sprintf("role_%d", time.Now().UnixNano())
	d.exec(t, "CREATE ROLE "+role+" LOGIN PASSWORD 'secret'")
	pool := d.pool(t)
	t.Cleanup(func() {
		_, err := pool.ExecContext(context.Background(), "REASSIGN OWNED BY "+role+" TO CURRENT_USER; DROP OWNED BY "+role+"; DROP ROLE "+role)
		assert.NoError(t, err)
	})
	u, err := url.Parse(d.dsn)
	require.NoError(t, err)
	u.User = url.UserPassword(role, "secret")
	return asRole{database{d.dialect, u.String()}, role}
}

// A role that may not create extensions migrates all the same, without the index.
func TestUserSearch_NeedsNoRightToCreateExtensions(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, "postgres")
	limited := d.withRole(t)
	d.exec(t, "GRANT ALL ON SCHEMA public TO "+limited.role)
	_, err := limited.migrator(t).Up(within(t))
	require.NoError(t, err)
	assert.Equal(t, "0", d.text(t, partsIndex))
	assert.Equal(t, "1", d.text(t, "SELECT count(*) FROM pg_indexes WHERE indexname = 'users_domain_idx'"))
}

// The owner of a database needs no other right: the extension is trusted.
func TestUserSearch_IsMadeByTheOwnerOfTheDatabase(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, "postgres")
	owner := d.withRole(t)
	d.exec(t, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO "+owner.role+"', current_database()); END $$")
	_, err := owner.migrator(t).Up(within(t))
	require.NoError(t, err)
	assert.Equal(t, "1", d.text(t, partsIndex))
}

// The extension may be in a schema that the search_path does not name.
func TestUserSearch_FindsTheExtensionInAnotherSchema(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, "postgres")
	d.exec(t, `CREATE SCHEMA "Else where"; CREATE EXTENSION pg_trgm SCHEMA "Else where"`)
	_, err := d.migrator(t).Up(within(t))
	require.NoError(t, err)
	assert.Equal(t, "1", d.text(t, partsIndex))
}

// SQLite's index of addresses holds the users of before the step, and follows what the release
// before the step writes.
func TestUserSearch_FollowsUsersOnSQLite(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, "sqlite")
	m := d.migrator(t)
	_, err := m.Up(within(t))
	require.NoError(t, err)
	d.downTo(t, m, "0018_audit_feed")
	add := func(id, email string) {
		d.exec(t, strings.ReplaceAll(`INSERT INTO users (id, email, role, status, email_verified, session_epoch, version, created_at, updated_at)
			VALUES ('0190a0a0-0000-7000-8000-00000000000`+id+`', '`+email+`', 'user', 'active', 1, 1, 1, AT, AT)`, "AT", "'2026-01-02T03:04:05.000006Z'"))
	}
	add("1", "earlier@example.com")
	_, err = m.Up(within(t))
	require.NoError(t, err)
	add("2", "later@example.com")
	found := func(part string) string {
		return d.text(t, "SELECT coalesce(group_concat(email), '') FROM user_addresses WHERE number IN (SELECT rowid FROM user_address_parts WHERE user_address_parts MATCH '\""+part+"\"')")
	}
	assert.Equal(t, "earlier@example.com", found("arlier"))
	assert.Equal(t, "later@example.com", found("later"))
	d.exec(t, "VACUUM")
	d.exec(t, "UPDATE users SET email = 'moved@example.com' WHERE email = 'earlier@example.com'")
	assert.Empty(t, found("arlier"))
	assert.Equal(t, "moved@example.com", found("move"))
	d.exec(t, "DELETE FROM users WHERE email = 'moved@example.com'")
	assert.Empty(t, found("move"))
	assert.Equal(t, "later@example.com", found("example"))
	assert.Equal(t, "0", d.text(t, "SELECT count(*) FROM user_address_parts_data WHERE instr(block, CAST('ved' AS BLOB)) > 0"), "pieces of a removed address stay")
}
