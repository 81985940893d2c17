package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0007_session_sightings.postgres.sql
	sessionSightingsPostgres string
	//go:embed 0007_session_sightings.sqlite.sql
	sessionSightingsSQLite string
)

// addSessionSightings adds what decides between a lost response and a copied token.
func addSessionSightings(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: sessionSightingsPostgres, sqlite: sessionSightingsSQLite}))
}

// dropSessionSightings removes the columns. The predecessor of every generation is
// then the one before, as the releases before this step have it.
func dropSessionSightings(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{
		postgres: "ALTER TABLE user_sessions DROP COLUMN predecessor, DROP COLUMN predecessor_of, DROP COLUMN seen_generation",
		sqlite: "ALTER TABLE user_sessions DROP COLUMN predecessor_of; ALTER TABLE user_sessions DROP COLUMN predecessor; " +
			"ALTER TABLE user_sessions DROP COLUMN seen_generation",
	}))
}
