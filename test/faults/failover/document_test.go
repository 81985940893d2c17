package failover

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/pgbouncertest"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// roles finds the SQL that docs/postgresql.md gives for two roles.
var roles = regexp.MustCompile("(?s)<!-- run: roles -->\n```sql\n(.*?)```")

// newTwoRoles makes the roles and the database of the document on a server of its
// own, and returns the URL of the database for a role.
func newTwoRoles(t *testing.T) (server *postgrestest.Server, as func(user, password string) string) {
	t.Helper()
	document, err := os.ReadFile("../../../docs/postgresql.md")
	require.NoError(t, err)
	found := roles.FindSubmatch(document)
	require.NotNil(t, found, "the document has no block of roles")
	server, err = postgrestest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	for statement := range strings.Lines(string(found[1])) {
		database := "postgres"
		if strings.HasPrefix(statement, "ALTER DEFAULT") {
			database = "auth"
		}
		require.NoError(t, server.On(database).Exec(t.Context(), statement), statement)
	}
	return server, func(user, password string) string {
		u, err := url.Parse(server.On("auth").URL())
		require.NoError(t, err)
		u.User = url.UserPassword(user, password)
		return u.String()
	}
}

// The privileges of docs/postgresql.md are enough, and the serving role has no more.
// The owner migrates past PgBouncer, and the other role serves through it. A role that
// may only read still serves reads.
func TestDocument_TwoRolesAreEnough(t *testing.T) {
	t.Parallel()
	server, as := newTwoRoles(t)
	serving := as("auth", "change-me-2")
	bouncer := pgbouncertest.Start(t, serving, pgbouncertest.Options{})
	env := program.Production(bouncer.URL(serving), program.MailServer{Host: "127.0.0.1", Port: 1}).Unlimited().
		With("EMAIL_VERIFICATION_REQUIRED", "false", "DATABASE_MIGRATION_URL", as("auth_owner", "change-me-1"))
	folder := t.TempDir()
	program.MustRun(t, folder, env, "", "migrate", "up")
	assert.Contains(t, program.MustRun(t, folder, env, "", "migrate", "status"), "applied")
	c := &cluster{service: program.Start(t, folder, env.With("DATABASE_MIGRATION_URL", "postgres://nobody@127.0.0.1:1/nothing"))}
	c.service.AwaitReady(t)
	email, status := c.register(t)
	assert.Equal(t, http.StatusCreated, status)
	program.CreateAdmin(t, folder, env, "root@example.com", "pass phrase of an admin")
	assert.NotContains(t, c.service.Stderr.String(), "permission denied")
	assert.NotContains(t, c.service.Stderr.String(), `"level":"ERROR"`)

	const replaceConnections = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'auth'"
	token := api.New(t, c.service.URL).Login(email, password).Access
	require.NoError(t, server.Exec(t.Context(), "ALTER ROLE auth SET default_transaction_read_only = on"))
	require.NoError(t, server.Exec(t.Context(), replaceConnections))
	program.Eventually(t, "writes are refused", func() bool {
		_, status := c.register(t)
		return status == http.StatusServiceUnavailable
	})
	program.Eventually(t, "reads succeed", func() bool { return api.New(t, c.service.URL).Me(token).Status == http.StatusOK })
	require.NoError(t, server.Exec(t.Context(), "ALTER ROLE auth RESET default_transaction_read_only"))
	require.NoError(t, server.Exec(t.Context(), replaceConnections))
	c.awaitWrites(t, "the database is writable")
	c.service.Stop(t)

	control := program.Run(t, folder, env.With("DATABASE_MIGRATION_URL", serving), "", "migrate", "down", "--yes")
	assert.NotZero(t, control.Code, "the serving role cannot change tables")
	assert.Contains(t, control.Stderr, "must be owner")
}
