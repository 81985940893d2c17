package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0010_registration_claims.postgres.sql
	registrationClaimsPostgres string
	//go:embed 0010_registration_claims.sqlite.sql
	registrationClaimsSQLite string
)

// addRegistrationClaims adds what registrations note about the password of an
// unconfirmed account: the browser that chose it, and whether another one disagreed.
func addRegistrationClaims(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: registrationClaimsPostgres, sqlite: registrationClaimsSQLite}))
}

// dropRegistrationClaims removes the columns. Browsers prove nothing afterwards, and
// contested accounts stay without a password.
func dropRegistrationClaims(ctx context.Context, w *work) error {
	return w.exec(ctx, "ALTER TABLE users DROP COLUMN claim_hash; ALTER TABLE users DROP COLUMN contested")
}
