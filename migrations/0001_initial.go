package migrations

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

var (
	//go:embed 0001_initial.postgres.sql
	initialPostgres string
	//go:embed 0001_initial.sqlite.sql
	initialSQLite string
)

// initialTables are the tables of the first step, each before the tables that it
// refers to. The replaced service gave its tables the same names.
var initialTables = [...]string{"password_reset_tokens", "email_verification_tokens", "user_sessions", "users"}

const legacyPrefix = "legacy_"

// createInitial makes the tables of users, sessions and one-time tokens. If an
// older service has tables of these names, it adopts them.
func createInitial(ctx context.Context, w *work) error {
	present, err := initialTablesPresent(ctx, w, "")
	if err != nil {
		return err
	}
	if len(present) > 0 {
		w.adoption, err = adopt(ctx, w, present)
		return err
	}
	return createInitialTables(ctx, w)
}

func createInitialTables(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: initialPostgres, sqlite: initialSQLite}))
}

// dropInitial removes the tables and brings back the tables of an adopted
// service. Errors: ErrWouldLoseData.
func dropInitial(ctx context.Context, w *work) error {
	legacy, err := initialTablesPresent(ctx, w, legacyPrefix)
	if err != nil {
		return err
	}
	if err := checkNothingIsLost(ctx, w, slices.Contains(legacy, "users")); err != nil {
		return err
	}
	for _, table := range initialTables {
		if err := w.exec(ctx, "DROP TABLE "+table); err != nil {
			return err
		}
	}
	for _, table := range legacy {
		if err := w.store.restore(ctx, w.tx, table); err != nil {
			return fmt.Errorf("bringing back the table %s: %w", table, err)
		}
	}
	return nil
}

// checkNothingIsLost compares users with the adopted tables. Errors:
// ErrWouldLoseData if the adopted tables lack an account or a change.
func checkNothingIsLost(ctx context.Context, w *work, adopted bool) error {
	query := "SELECT count(*) FROM users"
	explain := "%w: the users table holds %d; delete them first"
	if adopted {
		query = "SELECT count(*) FROM users u WHERE u.legacy_id IS NULL OR u.version > 1"
		explain = "%w: %d were made or changed since the older database was adopted"
	}
	var changed int
	if err := w.tx.QueryRowContext(ctx, query).Scan(&changed); err != nil {
		return err
	}
	if changed > 0 {
		return fmt.Errorf(explain, ErrWouldLoseData, changed)
	}
	if !adopted {
		return nil
	}
	var deleted int
	query = "SELECT (SELECT count(*) FROM legacy_users) - (SELECT count(*) FROM users)"
	if err := w.tx.QueryRowContext(ctx, query).Scan(&deleted); err != nil {
		return err
	}
	if deleted != 0 {
		return fmt.Errorf("%w: %d that were deleted since the older database was adopted would come back", ErrWouldLoseData, deleted)
	}
	return nil
}

// initialTablesPresent returns which of the tables exist under a prefix, by
// their names without it.
func initialTablesPresent(ctx context.Context, w *work, prefix string) ([]string, error) {
	all, err := w.store.tables(ctx, w.tx)
	if err != nil {
		return nil, err
	}
	var present []string
	for _, table := range initialTables {
		if slices.Contains(all, prefix+table) {
			present = append(present, table)
		}
	}
	return present, nil
}

// listed joins names for a sentence.
func listed(names []string) string { return strings.Join(names, ", ") }
