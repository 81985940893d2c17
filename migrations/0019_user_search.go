package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0019_user_search.postgres.sql
	userSearchPostgres string
	//go:embed 0019_user_search.sqlite.sql
	userSearchSQLite string
	//go:embed 0019_user_search_down.postgres.sql
	userSearchDownPostgres string
	//go:embed 0019_user_search_down.sqlite.sql
	userSearchDownSQLite string
)

// addUserSearch adds indexes of the domains of addresses, and of the parts of addresses.
func addUserSearch(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: userSearchPostgres, sqlite: userSearchSQLite}))
}

// dropUserSearch removes both. PostgreSQL keeps the extension pg_trgm, which others may use.
func dropUserSearch(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: userSearchDownPostgres, sqlite: userSearchDownSQLite}))
}
