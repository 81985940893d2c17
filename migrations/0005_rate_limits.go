package migrations

import (
	"context"
	_ "embed"
)

//go:embed 0005_rate_limits.postgres.sql
var rateLimitsPostgres string

// noChange is the statement for SQLite, where one process counts in its memory.
const noChange = ""

// createRateLimits makes the table in which replicas count together.
func createRateLimits(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: rateLimitsPostgres, sqlite: noChange}))
}

// dropRateLimits removes the table. Limits then begin to count anew.
func dropRateLimits(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: "DROP TABLE rate_limits", sqlite: noChange}))
}
