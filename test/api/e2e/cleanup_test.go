package e2e

import (
	"database/sql"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

var cleanedUp = regexp.MustCompile(`(?m)^auth_cleanup_last_success_timestamp_seconds [1-9]`)

// V-42: expired rows are removed soon after a start, without a request, and no
// other rows are.
func TestServe_CleansUpByItself(t *testing.T) {
	t.Parallel()
	database := postgrestest.NewDatabase(t)
	env, folder := production(database, nowhere(t)), t.TempDir()
	program.MustRun(t, folder, env, "", "migrate", "up")
	admin := createAdmin(t, folder, env)
	p := program.Start(t, folder, env)
	p.AwaitReady(t)
	c := targetOf(t, env, p).client(t)
	kept, over, idle := c.login(admin), c.login(admin), c.login(admin)
	c.Post("/logout", over.Access, nil).Is(http.StatusNoContent)
	p.Stop(t)

	db, err := sql.Open("pgx", database)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	for _, statement := range []string{
		"UPDATE user_sessions SET revoked_at = created_at WHERE revoked_at IS NOT NULL",
		"UPDATE user_sessions SET created_at = created_at - interval '40 days', last_seen_at = last_seen_at - interval '40 days', " +
			"rotated_at = rotated_at - interval '40 days', expires_at = expires_at - interval '40 days', " +
			"absolute_expires_at = absolute_expires_at - interval '40 days', revoked_at = revoked_at - interval '40 days' WHERE id IN ('" + over.SessionID + "', '" + idle.SessionID + "')",
	} {
		_, err = db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	ids := func() []string { return canary.Rows(t, db, "SELECT id::text FROM user_sessions") }
	require.Len(t, ids(), 3)
	p = program.Start(t, folder, env)
	p.AwaitReady(t)
	program.Eventually(t, "expired rows are gone", func() bool { return len(ids()) == 1 })
	assert.Equal(t, []string{kept.SessionID}, ids())
	program.Eventually(t, "the metric says when", func() bool {
		return cleanedUp.Match(targetOf(t, env, p).client(t).page("/metrics").Is(http.StatusOK).Body)
	})
	targetOf(t, env, p).client(t).Get("/me", kept.Access).Is(http.StatusOK)
	p.Stop(t)
}
