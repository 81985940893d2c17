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

	"github.com/seed543b3b27/auth-service/test/pgbouncertest"
	"github.com/seed543b3b27/auth-service/test/postgrestest"
	"github.com/seed543b3b27/auth-service/test/program"
)

// roles finds the SQL that docs/postgresql.md gives for two roles.
var roles = regexp.MustCompile("(?s)<!-- run: roles -->\n```sql\n(.*?)```")

// The privileges of docs/postgresql.md are enough, and the role that serves has
// no more: the owner migrates past PgBouncer, the other serves through it.
func TestDocument_TwoRolesAreEnough(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/postgresql.md")
	require.NoError(t, err)
	found := roles.FindSubmatch(document)
	require.NotNil(t, found, "the document has no block of roles")
	server, err := postgrestest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	run := func(database, sql string) error {
		return server.On(database).Exec(t.Context(), sql)
	}
	for statement := range strings.Lines(string(found[1])) {
		database := "postgres"
		if strings.HasPrefix(statement, "ALTER DEFAULT") {
			database = "auth"
		}
		require.NoError(t, run(database, statement), statement)
	}
	as := func(user, password string) string {
		u, err := url.Parse(server.On("auth").URL())
		require.NoError(t, err)
		u.User = url.UserPassword(user, password)
		return u.String()
	}
	serving := as("auth", "change-me-2")
	bouncer := pgbouncertest.Start(t, serving, pgbouncertest.Options{})
	env := program.Production(bouncer.URL(serving), program.MailServer{Host: "127.0.0.1", Port: 1}).
		With("EMAIL_VERIFICATION_REQUIRED", "false", "DATABASE_MIGRATION_URL", as("auth_owner", "change-me-1"))
	folder := t.TempDir()
	program.MustRun(t, folder, env, "", "migrate", "up")
	assert.Contains(t, program.MustRun(t, folder, env, "", "migrate", "status"), "applied")
	c := &cluster{service: program.Start(t, folder, env.With("DATABASE_MIGRATION_URL", "postgres://nobody@127.0.0.1:1/nothing"))}
	c.service.AwaitReady(t)
	_, status := c.register()
	assert.Equal(t, http.StatusCreated, status)
	program.CreateAdmin(t, folder, env, "root@example.com", "pass phrase of an admin")
	c.service.Stop(t)
	assert.NotContains(t, c.service.Stderr.String(), "permission denied")
	assert.NotContains(t, c.service.Stderr.String(), `"level":"ERROR"`)

	control := program.Run(t, folder, env.With("DATABASE_MIGRATION_URL", serving), "", "migrate", "down")
	assert.NotZero(t, control.Code, "the role that serves changes no tables")
	assert.Contains(t, control.Stderr, "must be owner")
}
