package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0008_invited_role.postgres.sql
	invitedRolePostgres string
	//go:embed 0008_invited_role.sqlite.sql
	invitedRoleSQLite string
)

// addInvitedRole adds the role that accepting an invitation gives.
func addInvitedRole(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: invitedRolePostgres, sqlite: invitedRoleSQLite}))
}

// dropInvitedRole removes the column. Invitations that are accepted afterwards make
// an account with the role user.
func dropInvitedRole(ctx context.Context, w *work) error {
	return w.exec(ctx, "ALTER TABLE users DROP COLUMN invited_role")
}
