package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// sqlite is an SQLite database.
type sqlite struct{ db *sql.DB }

// sqliteTime is the layout of stored times on SQLite: UTC, of fixed width.
const sqliteTime = "2006-01-02T15:04:05.000000Z"

func (s sqlite) pool() *sql.DB { return s.db }

func (s sqlite) choose(sql dialects) string { return sql.sqlite }

// encoded returns nil: every encoding of SQLite has every character.
func (s sqlite) encoded(context.Context) error { return nil }

// begin takes the one write lock at once, with any setting of the connection,
// because a transaction that reads first and writes later cannot wait for the lock.
func (s sqlite) begin(ctx context.Context) (*sql.Tx, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{"ROLLBACK", "BEGIN IMMEDIATE"} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			_ = tx.Rollback() // returns the connection; there may be nothing to roll back
			return nil, err
		}
	}
	return tx, nil
}

// obstacle recognises SQLITE_BUSY and SQLITE_LOCKED with their extended codes.
func (s sqlite) obstacle(err error) obstacle {
	var coded interface{ Code() int }
	if !errors.As(err, &coded) {
		return noLock
	}
	if primary := coded.Code() & 0xff; primary == 5 || primary == 6 {
		return turnTaken
	}
	return noLock
}

func (s sqlite) holders(context.Context) string { return "another process that has the file open" }

func (s sqlite) tables(ctx context.Context, q querier) ([]string, error) {
	return stringsOf(ctx, q, "SELECT name FROM sqlite_master WHERE type = 'table'")
}

func (s sqlite) columns(ctx context.Context, q querier, table string) ([]string, error) {
	return stringsOf(ctx, q, "SELECT name FROM pragma_table_info(?) ORDER BY cid", table)
}

func (s sqlite) retire(ctx context.Context, tx *sql.Tx, table string) error {
	return s.rename(ctx, tx, table, legacyPrefix+table, func(index string) string { return legacyPrefix + index })
}

func (s sqlite) restore(ctx context.Context, tx *sql.Tx, table string) error {
	return s.rename(ctx, tx, legacyPrefix+table, table, func(index string) string { return strings.TrimPrefix(index, legacyPrefix) })
}

// indexHead matches the beginning of an index's definition. SQLite keeps the
// definition as it was written, from the name on.
var indexHead = regexp.MustCompile("^(CREATE (?:UNIQUE )?INDEX )(?:\"(?:[^\"]|\"\")+\"|\\[[^\\]]+\\]|`[^`]+`|'[^']+'|[^\\s\"\\[`']+)")

// rename makes every index anew under its new name, because SQLite cannot rename
// an index.
func (s sqlite) rename(ctx context.Context, tx *sql.Tx, from, to string, indexName func(string) string) error {
	if _, err := tx.ExecContext(ctx, "ALTER TABLE "+quoted(from)+" RENAME TO "+quoted(to)); err != nil {
		return err
	}
	const own = " FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY name"
	names, err := stringsOf(ctx, tx, "SELECT name"+own, to)
	if err != nil {
		return err
	}
	definitions, err := stringsOf(ctx, tx, "SELECT sql"+own, to)
	if err != nil {
		return err
	}
	for i, name := range names {
		head := indexHead.FindStringSubmatch(definitions[i])
		if head == nil {
			return fmt.Errorf("the index %s has a definition that cannot be renamed: %s", name, definitions[i])
		}
		renamed := head[1] + quoted(indexName(name)) + definitions[i][len(head[0]):]
		for _, statement := range []string{"DROP INDEX " + quoted(name), renamed} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
	}
	return nil
}

// asText writes bytes, such as those of a UUID, in hexadecimal digits.
func (s sqlite) asText(column string) string {
	c := quoted(column)
	return "CASE typeof(" + c + ") WHEN 'blob' THEN hex(" + c + ") ELSE CAST(" + c + " AS TEXT) END"
}

// canonicalEmail uses lower, which changes ASCII letters only on SQLite.
func (s sqlite) canonicalEmail(column string) string {
	return "lower(trim(" + s.asText(column) + ", char(32, 9, 13, 10)))"
}

func (s sqlite) page(_ context.Context, _ querier, table string, exprs []string, after bool, limit int) (string, error) {
	where := ""
	if after {
		where = "WHERE rowid > CAST(? AS INTEGER)"
	}
	return fmt.Sprintf("SELECT CAST(rowid AS TEXT), %s FROM %s %s ORDER BY rowid LIMIT %d",
		strings.Join(exprs, ", "), quoted(table), where, limit), nil
}

func (s sqlite) placeholder(int) string { return "?" }

func (s sqlite) timestamp(t time.Time) any { return t.UTC().Format(sqliteTime) }
