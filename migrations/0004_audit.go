package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0004_audit.postgres.sql
	auditPostgres string
	//go:embed 0004_audit.sqlite.sql
	auditSQLite string
)

// createAudit makes the audit log. The database itself refuses to change its
// entries.
func createAudit(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: auditPostgres, sqlite: auditSQLite}))
}

// dropAudit removes an empty audit log. Errors: ErrWouldLoseData if it has
// entries.
func dropAudit(ctx context.Context, w *work) error {
	if err := w.refuseToLose(ctx, "SELECT count(*) FROM audit_events", "the audit log, audit_events, holds %d; delete them first"); err != nil {
		return err
	}
	return w.exec(ctx, w.store.choose(dialects{
		postgres: "DROP TABLE audit_events; DROP FUNCTION audit_events_refuse_change()",
		sqlite:   "DROP TABLE audit_events",
	}))
}
