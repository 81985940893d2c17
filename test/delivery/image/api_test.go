package image

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	status, body := c.call(http.MethodPost, "/login", "", map[string]string{"email": admin, "password": password})
	var tokens struct {
		Access string `json:"access_token"`
	}
	_ = json.Unmarshal(body, &tokens) // a refusal has no tokens
	return status, tokens.Access
}

// call sends a request and returns its answer; status 0 means no answer.
func (c *container) call(method, path, access string, body any) (status int, answer []byte) {
	var content io.Reader = http.NoBody
	if body != nil {
		text, _ := json.Marshal(body) //nolint:errchkjson // a map of strings
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, c.url+"/api/auth"+path, content)
	if err != nil {
		return 0, nil
	}
	request.Header.Set("Content-Type", "application/json")
	if access != "" {
		request.Header.Set("Authorization", "Bearer "+access)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	return response.StatusCode, answer
}
