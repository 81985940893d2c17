package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0015_support.postgres.sql
	supportPostgres string
	//go:embed 0015_support.sqlite.sql
	supportSQLite string
	//go:embed 0015_support_down.postgres.sql
	supportDownPostgres string
	//go:embed 0015_support_down.sqlite.sql
	supportDownSQLite string
)

// addSupport lets users have any role, and adds the mark of a password that must change and
// the reason of a disabled account.
func addSupport(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: supportPostgres, sqlite: supportSQLite}))
}

// dropSupport removes the columns. Users whose role only this release knows get the role
// user, as which the release before takes them.
func dropSupport(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: supportDownPostgres, sqlite: supportDownSQLite}))
}
