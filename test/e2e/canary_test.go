package e2e

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	// The drivers the service itself uses.
	_ "github.com/glebarez/go-sqlite"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// canary holds every secret that a target was given or gave out (S-46).
type canary struct {
	mu   sync.Mutex
	seen map[string]bool
}

func newCanary() *canary { return &canary{seen: map[string]bool{}} }

func (c *canary) add(secrets ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, secret := range secrets {
		c.seen[secret] = true
	}
}

// spellings are the forms in which a secret could be written down.
func spellings(secret string) []string {
	raw := []byte(secret)
	return []string{
		secret,
		url.QueryEscape(secret),
		hex.EncodeToString(raw),
		base64.RawStdEncoding.EncodeToString(raw),
		base64.RawURLEncoding.EncodeToString(raw),
	}
}

// found returns the secrets that text holds, in any spelling, with what is
// around them.
func (c *canary) found(text string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []string
	for secret := range c.seen {
		for _, spelling := range spellings(secret) {
			if at := strings.Index(text, spelling); at >= 0 {
				around := text[max(0, at-120):min(len(text), at+len(spelling)+40)]
				found = append(found, fmt.Sprintf("%q in …%s…", secret, around))
				break
			}
		}
	}
	return found
}

// assertAbsent fails the test if a secret is found in text.
func (c *canary) assertAbsent(t testing.TB, where, text string) {
	t.Helper()
	assert.NotEmpty(t, c.seen, "a search for nothing finds nothing")
	assert.Empty(t, c.found(text), "S-46: %s holds secrets", where)
}

func TestCanary_FindsEverySpelling(t *testing.T) {
	t.Parallel()
	c := newCanary()
	c.add("pass phrase ?%", "other")
	for _, spelling := range spellings("pass phrase ?%") {
		assert.Len(t, c.found("before "+spelling+" after"), 1, spelling)
	}
	assert.Len(t, c.found("other cGFzcyBwaHJhc2UgPyU="), 2)
	assert.Empty(t, c.found("pass phrase"))
}

// dump returns all rows of all tables of a database as text; bytes also in hex.
func dump(t testing.TB, driver, dsn string) string {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	tables := `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	if driver == "sqlite" {
		tables = `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	var text strings.Builder
	for _, table := range rowsOf(t, db, tables) {
		fmt.Fprintln(&text, "table", table)
		for _, row := range rowsOf(t, db, `SELECT * FROM "`+table+`"`) {
			fmt.Fprintln(&text, row)
		}
	}
	return text.String()
}

// rowsOf returns the rows of a query, each as one text.
func rowsOf(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var list []string
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		require.NoError(t, rows.Scan(places...))
		cells := make([]string, len(columns))
		for i, value := range values {
			cells[i] = fmt.Sprint(value)
			if raw, ok := value.([]byte); ok {
				cells[i] = string(raw) + " " + hex.EncodeToString(raw)
			}
		}
		list = append(list, strings.Join(cells, " | "))
	}
	require.NoError(t, rows.Err())
	return list
}
