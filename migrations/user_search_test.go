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

// A role that may not create extensions migrates all the same, without the index.
func TestUserSearch_NeedsNoRightToCreateExtensions(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, "postgres")
	role := fmt.Sprintf("limited_%d", time.Now().UnixNano())
	d.exec(t, "CREATE ROLE "+role+" LOGIN PASSWORD 'secret'; GRANT ALL ON SCHEMA public TO "+role)
	pool := d.pool(t)
	t.Cleanup(func() {
		_, err := pool.ExecContext(context.Background(), "DROP OWNED BY "+role+"; DROP ROLE "+role)
		assert.NoError(t, err)
	})
	u, err := url.Parse(d.dsn)
	require.NoError(t, err)
	u.User = url.UserPassword(role, "secret")
	limited := database{d.dialect, u.String()}
	_, err = limited.migrator(t).Up(within(t))
	require.NoError(t, err)
	const index = "SELECT count(*) FROM pg_indexes WHERE indexname = 'users_email_parts_idx'"
	assert.Equal(t, "0", d.text(t, index))
	assert.Equal(t, "1", d.text(t, "SELECT count(*) FROM pg_indexes WHERE indexname = 'users_domain_idx'"))

	full := newDatabase(t, "postgres")
	_, err = full.migrator(t).Up(within(t))
	require.NoError(t, err)
	assert.Equal(t, "1", full.text(t, index))
}

// SQLite's index of addresses holds the users of before the step, and follows what the release
// before the step writes.
func TestUserSearch_FollowsUsersOnSQLite(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, "sqlite")
	m := d.migrator(t)
	_, err := m.Up(within(t))
	require.NoError(t, err)
	_, err = m.Down(within(t))
	require.NoError(t, err)
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
}
