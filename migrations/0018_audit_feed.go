package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0018_audit_feed.postgres.sql
	auditFeedPostgres string
	//go:embed 0018_audit_feed.sqlite.sql
	auditFeedSQLite string
	//go:embed 0018_audit_feed_down.postgres.sql
	auditFeedDownPostgres string
	//go:embed 0018_audit_feed_down.sqlite.sql
	auditFeedDownSQLite string
)

// addAuditFeed lets events have a position, which the feed gives them when it first reads
// them.
func addAuditFeed(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: auditFeedPostgres, sqlite: auditFeedSQLite}))
}

// dropAuditFeed removes the positions. A reader of the feed begins anew after that.
func dropAuditFeed(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: auditFeedDownPostgres, sqlite: auditFeedDownSQLite}))
}
