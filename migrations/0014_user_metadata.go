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

// dropUserMetadata removes the table. Errors: ErrWouldLoseData if a user has a profile or an app
// object.
func dropUserMetadata(ctx context.Context, w *work) error {
	const filled = "SELECT count(*) FROM user_metadata WHERE profile <> '{}' OR app <> '{}'"
	if err := w.refuseToLose(ctx, filled, "%d users have a profile or an app object; empty them first"); err != nil {
		return err
	}
	return w.exec(ctx, "DROP TABLE user_metadata")
}
