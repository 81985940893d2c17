package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0016_session_refreshes.postgres.sql
	sessionRefreshesPostgres string
	//go:embed 0016_session_refreshes.sqlite.sql
	sessionRefreshesSQLite string
)

// lightenRefreshes drops the index of expiry, which each refresh writes.
func lightenRefreshes(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: sessionRefreshesPostgres, sqlite: sessionRefreshesSQLite}))
}

// restoreExpiryIndex makes it again. That reads user_sessions once, while writes of sessions wait.
func restoreExpiryIndex(ctx context.Context, w *work) error {
	return w.exec(ctx, "CREATE INDEX user_sessions_expires_at_idx ON user_sessions (expires_at)")
}
