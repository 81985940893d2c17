package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0013_growth.postgres.sql
	growthPostgres string
	//go:embed 0013_growth.sqlite.sql
	growthSQLite string
)

// prepareForGrowth adds an index for cleaning, and on PostgreSQL the settings of large
// tables.
func prepareForGrowth(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: growthPostgres, sqlite: growthSQLite}))
}

// undoGrowth removes both.
func undoGrowth(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{
		postgres: `DROP INDEX users_epoch_updated_at_idx;
ALTER TABLE user_sessions RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
ALTER TABLE rate_limits RESET (fillfactor, autovacuum_vacuum_scale_factor);
ALTER TABLE audit_events RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
ALTER TABLE users RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)`,
		sqlite: "DROP INDEX users_epoch_updated_at_idx",
	}))
}
