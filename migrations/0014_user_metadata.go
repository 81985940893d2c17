package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0014_user_metadata.postgres.sql
	userMetadataPostgres string
	//go:embed 0014_user_metadata.sqlite.sql
	userMetadataSQLite string
)

// createUserMetadata adds what applications keep with users.
func createUserMetadata(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: userMetadataPostgres, sqlite: userMetadataSQLite}))
}

// dropUserMetadata removes the table with all profiles and app objects.
func dropUserMetadata(ctx context.Context, w *work) error {
	return w.exec(ctx, "DROP TABLE user_metadata")
}
