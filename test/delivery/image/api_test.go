package image

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// requestInHand sends a request that waits for the database until release.
func (c *container) requestInHand(databaseURL, access string) (answer <-chan int, release func()) {
	c.t.Helper()
	db, err := sql.Open("pgx", databaseURL)
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = db.Close() })
	lock, err := db.BeginTx(context.Background(), nil)
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = lock.Rollback() })
	_, err = lock.ExecContext(context.Background(), "LOCK TABLE user_sessions IN ACCESS EXCLUSIVE MODE")
	require.NoError(c.t, err)
	status := make(chan int, 1)
	go func() {
		code, _ := c.call(http.MethodGet, "/me", access, nil)
		status <- code
	}()
	program.Eventually(c.t, "the request waits for the database", func() bool {
		var waiting int
		row := db.QueryRowContext(context.Background(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'select%'`)
		require.NoError(c.t, row.Scan(&waiting))
		return waiting > 0
	})
	return status, func() { _ = lock.Rollback() }
}

// session signs in and uses the session, through the API.
func (c *container) session() {
	c.t.Helper()
	code, access := c.login()
	require.Equal(c.t, http.StatusOK, code)
	code, body := c.call(http.MethodGet, "/me", access, nil)
	assert.Equal(c.t, http.StatusOK, code)
	assert.Contains(c.t, string(body), admin)
}

// login signs the administrator in.
func (c *container) login() (status int, access string) {
	status, body := c.call(http.MethodPost, "/login", "", api.Object{"email": admin, "password": password})
	var tokens api.Tokens
	_ = json.Unmarshal(body, &tokens) // a refusal has no tokens
	return status, tokens.Access
}

// call sends a request and returns its answer; status 0 means no answer.
func (c *container) call(method, path, access string, body any) (status int, answer []byte) {
	a, _ := api.New(c.t, c.url).Try(api.Request{Method: method, Path: api.Prefix + path, Token: access, Body: body})
	return a.Status, a.Body
}
