package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0011_email_undo.postgres.sql
	emailUndoPostgres string
	//go:embed 0011_email_undo.sqlite.sql
	emailUndoSQLite string
)

// createEmailUndo adds the tokens that undo a change of address.
func createEmailUndo(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: emailUndoPostgres, sqlite: emailUndoSQLite}))
}

// dropEmailUndo removes the table. Changes of address that could be undone no longer can.
func dropEmailUndo(ctx context.Context, w *work) error {
	return w.exec(ctx, "DROP TABLE email_undo_tokens")
}
