package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// postgres is a PostgreSQL database, or another one with its protocol.
type postgres struct{ db *sql.DB }

// The advisory lock on migrating: "auth", "migr".
const (
	lockClass  = 0x61757468
	lockObject = 0x6d696772
)

func (p postgres) pool() *sql.DB { return p.db }

func (p postgres) choose(sql dialects) string { return sql.postgres }

// begin takes the lock for the transaction, not for the connection. So the lock
// works behind a pooler and ends with a process that is killed.
func (p postgres) begin(ctx context.Context) (*sql.Tx, error) {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if err := p.prepare(ctx, tx); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

func (p postgres) prepare(ctx context.Context, tx *sql.Tx) error {
	settings := fmt.Sprintf(`SET LOCAL lock_timeout = %d; SET LOCAL statement_timeout = 0;
		SET LOCAL idle_in_transaction_session_timeout = 0;
		SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO'`, lockTimeout.Milliseconds())
	if _, err := tx.ExecContext(ctx, settings); err != nil {
		return err
	}
	var locked, schema bool
	err := tx.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1, $2), current_schema() IS NOT NULL",
		lockClass, lockObject).Scan(&locked, &schema)
	switch {
	case err != nil:
		return err
	case !locked:
		return errMigrating
	case !schema:
		return errors.New("the search_path names no schema that exists")
	}
	return nil
}

// encoded asks for the encoding, because in another one a user agent with a letter that
// it lacks fails the request that stores it.
func (p postgres) encoded(ctx context.Context) error {
	found, err := stringsOf(ctx, p.db, "SELECT current_setting('server_encoding')")
	if err != nil {
		return fmt.Errorf("migrations: reading the encoding: %w", err)
	}
	if len(found) == 1 && strings.EqualFold(found[0], "UTF8") {
		return nil
	}
	return fmt.Errorf("%w, and has %s: make another one with: createdb --encoding=UTF8 --template=template0 NAME",
		ErrEncoding, strings.Join(found, ", "))
}

// obstacle recognises lock_not_available, deadlock_detected and, on databases
// without lock queues, serialization_failure.
func (p postgres) obstacle(err error) obstacle {
	var state interface{ SQLState() string }
	switch {
	case errors.Is(err, errMigrating):
		return turnTaken
	case errors.As(err, &state) && slices.Contains([]string{"55P03", "40P01", "40001"}, state.SQLState()):
		return tableInUse
	}
	return noLock
}

// holders lists the oldest transactions, because those of requests are over before
// a person reads about them.
func (p postgres) holders(ctx context.Context) string {
	const mostNamed = 5
	list, err := stringsOf(ctx, p.db, `
		SELECT format('process %s (%s, %s, in this transaction since %s)', a.pid,
			coalesce(nullif(a.application_name, ''), a.backend_type, 'unnamed application'),
			coalesce(host(a.client_addr), 'local'), a.xact_start)
		FROM pg_stat_activity a
		WHERE a.pid <> pg_backend_pid() AND a.datname = current_database() AND EXISTS (
			SELECT FROM pg_locks l WHERE l.granted AND l.pid = a.pid AND (
				l.locktype = 'advisory' AND l.classid = $1 AND l.objid = $2 AND l.objsubid = 2
				OR l.locktype = 'relation' AND l.relation IN (
					SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p'))))
		ORDER BY a.xact_start NULLS LAST LIMIT $3`, lockClass, lockObject, mostNamed)
	if err != nil {
		return ""
	}
	return strings.Join(list, ", ")
}

func (p postgres) tables(ctx context.Context, q querier) ([]string, error) {
	return stringsOf(ctx, q, `
		SELECT relname::text FROM pg_class
		WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND relkind IN ('r', 'p')`)
}

func (p postgres) columns(ctx context.Context, q querier, table string) ([]string, error) {
	return stringsOf(ctx, q, `
		SELECT attname::text FROM pg_attribute
		WHERE attrelid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) AND attnum > 0 AND NOT attisdropped
		ORDER BY attnum`, table)
}

// postgresNames selects the names that belong to a table and must be unique in its
// schema, each with the statement that renames it. The table's own name comes last.
// Since PostgreSQL 18, NOT NULL is a constraint with a name, too (n).
const postgresNames = `
	WITH t AS (SELECT to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) AS oid),
	names AS (
		SELECT 1 AS place, format('ALTER TABLE %s RENAME CONSTRAINT', t.oid::regclass) AS change, conname::text AS name
		FROM pg_constraint, t WHERE conrelid = t.oid AND contype IN ('p', 'u', 'x', 'c', 'f', 'n')
	UNION ALL
		SELECT 2, format('ALTER INDEX %s RENAME', i.indexrelid::regclass), c.relname::text
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid, t
		WHERE i.indrelid = t.oid AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = t.oid)
	UNION ALL
		SELECT 3, format('ALTER SEQUENCE %s RENAME', s.oid::regclass), s.relname::text
		FROM pg_class s JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid, t
		WHERE s.relkind = 'S' AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.deptype IN ('a', 'i')
	UNION ALL
		SELECT 4, format('ALTER TABLE %s RENAME', t.oid::regclass), $1 FROM t
	)`

func (p postgres) retire(ctx context.Context, tx *sql.Tx, table string) error {
	return p.rename(ctx, tx, table, postgresNames+`
		SELECT format(CASE place WHEN 1 THEN '%s %I TO %I' ELSE '%s TO %3$I' END, change, name, 'legacy_' || name) FROM names ORDER BY place`)
}

func (p postgres) restore(ctx context.Context, tx *sql.Tx, table string) error {
	return p.rename(ctx, tx, legacyPrefix+table, postgresNames+`
		SELECT format(CASE place WHEN 1 THEN '%s %I TO %I' ELSE '%s TO %3$I' END, change, name, substr(name, 8)) FROM names
		WHERE starts_with(name, 'legacy_') ORDER BY place`)
}

func (p postgres) rename(ctx context.Context, tx *sql.Tx, table, query string) error {
	statements, err := stringsOf(ctx, tx, query, table)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func (p postgres) asText(column string) string { return quoted(column) + "::text" }

// canonicalEmail uses COLLATE "C", in which lower changes ASCII letters only.
func (p postgres) canonicalEmail(column string) string {
	return `lower(btrim(` + p.asText(column) + ` COLLATE "C", E' \t\r\n'))`
}

func (p postgres) page(ctx context.Context, q querier, table string, exprs []string, after bool, limit int) (string, error) {
	where := ""
	if after {
		types, err := stringsOf(ctx, q, `
			SELECT format_type(atttypid, atttypmod) FROM pg_attribute
			WHERE attrelid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1)) AND attname = 'id'`, table)
		if err != nil {
			return "", err
		}
		where = "WHERE t.id > CAST($1::text AS " + strings.Join(types, "") + ")"
	}
	// Without the t., rows would be ordered by the text.
	return fmt.Sprintf("SELECT t.id::text, %s FROM %s t %s ORDER BY t.id LIMIT %d", strings.Join(exprs, ", "), quoted(table), where, limit), nil
}

func (p postgres) placeholder(n int) string { return fmt.Sprintf("$%d", n) }

func (p postgres) timestamp(t time.Time) any { return t }

// quoted returns an identifier in the quotes that both databases accept.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
