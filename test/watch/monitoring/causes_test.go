package monitoring

import (
	"context"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

var logSearch = regexp.MustCompile(`(?m)^ *kubectl -n auth logs .* \| (grep .*)$`)

// searched returns the lines of a log that the search in a runbook finds.
func searched(t *testing.T, book, log string) string {
	t.Helper()
	search := logSearch.FindStringSubmatch(read(t, runbooks+book+".md"))
	require.NotNil(t, search)
	cmd := exec.Command("sh", "-c", search[1])
	cmd.Stdin = strings.NewReader(log)
	found, err := cmd.Output()
	require.NoError(t, err, "it finds nothing")
	return string(found)
}

// The runbook's search finds the requests with 503 and 500, with their cause, and
// no successful requests.
func TestRunbooks_FindWhyRequestsFailed(t *testing.T) {
	t.Parallel()
	database, folder := postgrestest.NewDatabase(t), t.TempDir()
	env := program.Production(database, program.MailServer{Host: "127.0.0.1", Port: 1})
	program.MustRun(t, folder, env, "", "migrate", "up")
	program.CreateAdmin(t, folder, env, admin, password)
	p := program.Start(t, folder, env)
	p.AwaitReady(t)
	c := api.New(t, p.URL)
	access := c.Login(admin, password).Access
	me := func() int {
		return c.Once(api.Request{Method: http.MethodGet, Path: "/api/auth/me", Token: access}).Status
	}
	require.Equal(t, http.StatusOK, me())

	ctx := context.Background()
	conn, err := pgx.Connect(ctx, database)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close(ctx)) })
	lock, err := conn.Begin(ctx)
	require.NoError(t, err)
	_, err = lock.Exec(ctx, "LOCK TABLE user_sessions IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, me())
	_, err = lock.Exec(ctx, "ALTER TABLE user_sessions RENAME TO lost")
	require.NoError(t, err)
	require.NoError(t, lock.Commit(ctx))
	require.Equal(t, http.StatusInternalServerError, me())

	p.Stop(t) // completes its log
	found := searched(t, "AuthServiceErrors", p.Stdout.String()+p.Stderr.String())
	assert.NotContains(t, found, `"level":"INFO"`)
	assert.Regexp(t, `"level":"WARN".*"request_id":"[^"]+","route":"/api/auth/me","error":".*deadline`, found)
	assert.Regexp(t, `"level":"ERROR".*"request_id":"[^"]+","route":"/api/auth/me","error":".*user_sessions`, found)
}
