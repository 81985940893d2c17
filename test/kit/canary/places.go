package canary

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	// The drivers that the service itself uses.
	_ "github.com/glebarez/go-sqlite"
	_ "github.com/jackc/pgx/v5/stdlib"
)

// Dump returns all rows of all tables of a database as text. It returns bytes in
// hexadecimal as well. The driver is "pgx" or "sqlite".
func Dump(t testing.TB, driver, dsn string) string {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	return DumpOf(t, driver, db)
}

// DumpOf is Dump for an open database.
func DumpOf(t testing.TB, driver string, db *sql.DB) string {
	t.Helper()
	tables := `SELECT schemaname || '"."' || tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`
	if driver == "sqlite" {
		tables = `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	var text strings.Builder
	for _, table := range Rows(t, db, tables) {
		fmt.Fprintln(&text, "table", table)
		for _, row := range Rows(t, db, `SELECT * FROM "`+table+`"`) {
			fmt.Fprintln(&text, row)
		}
	}
	return text.String()
}

// Rows returns each row of a query as one text.
func Rows(t testing.TB, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		list = append(list, line(values))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// line returns a row as text.
func line(values []any) string {
	cells := make([]string, len(values))
	for i, value := range values {
		cells[i] = fmt.Sprint(value)
		if raw, ok := value.([]byte); ok {
			cells[i] = string(raw) + " " + hex.EncodeToString(raw)
		}
	}
	return strings.Join(cells, " | ")
}

// SQLiteFiles returns the bytes of a SQLite database and of its write-ahead log,
// which also hold deleted rows.
func SQLiteFiles(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wal, err := os.ReadFile(file + "-wal")
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a closed database has no log
		t.Fatal(err)
	}
	return string(text) + string(wal)
}
