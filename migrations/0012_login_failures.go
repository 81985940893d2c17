package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0012_login_failures.postgres.sql
	loginFailuresPostgres string
	//go:embed 0012_login_failures.sqlite.sql
	loginFailuresSQLite string
)

// createLoginFailures makes the table of wrong passwords in a row.
func createLoginFailures(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: loginFailuresPostgres, sqlite: loginFailuresSQLite}))
}

// dropLoginFailures removes the table. Locks end, and counts begin anew.
func dropLoginFailures(ctx context.Context, w *work) error {
	return w.exec(ctx, "DROP TABLE login_failures")
}
