package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0009_pending_registrations.postgres.sql
	pendingRegistrationsPostgres string
	//go:embed 0009_pending_registrations.sqlite.sql
	pendingRegistrationsSQLite string
)

// addPendingRegistrations adds the mark of accounts that somebody registered and
// nobody confirmed.
func addPendingRegistrations(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: pendingRegistrationsPostgres, sqlite: pendingRegistrationsSQLite}))
}

// dropPendingRegistrations removes the mark. Accounts of that time are never removed
// for their age, also not by a later release.
func dropPendingRegistrations(ctx context.Context, w *work) error {
	return w.exec(ctx, "DROP INDEX users_registration_pending_idx; ALTER TABLE users DROP COLUMN registration_pending")
}
