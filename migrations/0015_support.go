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
// Errors: ErrWouldLoseData if events have a reason, or passwords must change.
func dropSupport(ctx context.Context, w *work) error {
	if err := w.refuseToLose(ctx, "SELECT count(*) FROM audit_events WHERE reason <> ''", "%d events of the audit log have a reason; blank them first"); err != nil {
		return err
	}
	if err := w.refuseToLose(ctx, "SELECT count(*) FROM users WHERE password_change_required", "%d users must change their password; lift that first"); err != nil {
		return err
	}
	return w.exec(ctx, w.store.choose(dialects{postgres: supportDownPostgres, sqlite: supportDownSQLite}))
}
