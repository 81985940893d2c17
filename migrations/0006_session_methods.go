package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0006_session_methods.postgres.sql
	sessionMethodsPostgres string
	//go:embed 0006_session_methods.sqlite.sql
	sessionMethodsSQLite string
)

// addSessionMethods adds how and when the user of a session signed in.
func addSessionMethods(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: sessionMethodsPostgres, sqlite: sessionMethodsSQLite}))
}

// dropSessionMethods removes the two columns. Every session then counts as one
// that began with a password, as the releases before this step have it.
func dropSessionMethods(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{
		postgres: "ALTER TABLE user_sessions DROP COLUMN methods, DROP COLUMN authenticated_at",
		sqlite:   "ALTER TABLE user_sessions DROP COLUMN methods; ALTER TABLE user_sessions DROP COLUMN authenticated_at",
	}))
}
